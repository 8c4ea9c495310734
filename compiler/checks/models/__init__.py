"""Rules on models and their gates."""
