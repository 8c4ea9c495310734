"""Expressions and hostile rows on which batch and online features are compared."""
