"""Rules on monitors."""
