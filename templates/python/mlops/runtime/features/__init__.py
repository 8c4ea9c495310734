"""Features: the same definitions over a whole table and for one request."""
