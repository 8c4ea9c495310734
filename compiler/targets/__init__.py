"""What a plan is compiled into; one folder per target."""
