"""Train, export and evaluate the stylist."""
