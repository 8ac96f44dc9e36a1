"""Callbacks that move a weight of the loss, a temperature or a budget along the training."""
