"""Scheduled monitors."""
