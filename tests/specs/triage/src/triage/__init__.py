"""The team's own training."""
