"""From a data file to a spec: what the columns are, what could be predicted, what to start with."""
