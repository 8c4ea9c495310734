"""What every step needs: configuration, paths, files, errors and the command line."""
