"""JSON Schemas of the language and of the outputs."""
