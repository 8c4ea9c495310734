"""What is measured, one module per area; see the targets `bench-*` of the Makefile."""
