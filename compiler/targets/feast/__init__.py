"""Feast as the feature store."""
