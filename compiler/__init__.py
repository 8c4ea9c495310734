"""mlopsc: one mlops.yaml becomes everything that runs machine learning in production."""
