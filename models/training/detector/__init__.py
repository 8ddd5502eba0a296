"""Train, export and evaluate the detector."""
