"""Rules on data, SQL and features."""
