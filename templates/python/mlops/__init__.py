"""The pipelines of this project; ``python -m mlops`` says what they can do."""
