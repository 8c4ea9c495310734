"""The Python runtime, the compiled features and the data of each model."""
