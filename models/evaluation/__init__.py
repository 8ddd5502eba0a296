"""Figures of trained models on data they were not trained on, and thresholds fitted there."""
