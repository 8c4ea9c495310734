"""Tests of what was compiled: ``python -m pytest mlops/tests``."""
