"""From features to a packaged, registered model that passed its gates."""
