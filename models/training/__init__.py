"""Training of the learned functions; the only place that needs PyTorch and Ultralytics."""
