"""The code that all models share; what differs between them is in their ``config.json``."""
