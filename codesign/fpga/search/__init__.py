"""Designs under a budget: a precision and a reuse factor for each layer, found with few emulations."""
