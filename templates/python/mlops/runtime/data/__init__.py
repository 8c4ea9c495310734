"""Raw data: read it, type it and hold it to its contract."""
