"""Executes what was compiled: schedule, cache, processes."""
