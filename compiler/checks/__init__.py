"""The rules that a spec must keep, one per file."""
