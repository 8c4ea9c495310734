"""The team's own package: what they know about biopsies, as code."""
