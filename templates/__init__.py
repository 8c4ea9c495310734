"""Files that the compiler copies or fills in."""
