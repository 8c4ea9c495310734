"""Rules on names that stand for something defined elsewhere."""
