"""The typed form of a spec."""
