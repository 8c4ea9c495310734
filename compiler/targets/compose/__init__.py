"""A serving stack for Docker Compose."""
