"""SQL expressions, parsed and typed."""
