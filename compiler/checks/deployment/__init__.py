"""Rules on deployment, CI and what files are called."""
