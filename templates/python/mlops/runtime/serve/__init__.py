"""Serving: one request over HTTP, or a whole dataset at once; every prediction is logged."""
