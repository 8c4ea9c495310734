"""Our own training."""
