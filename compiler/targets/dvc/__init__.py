"""``dvc``: the steps as stages of a DVC pipeline."""
