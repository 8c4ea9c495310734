"""What the property tests share: values derived from the schema, what every case must keep, how files are read back."""
