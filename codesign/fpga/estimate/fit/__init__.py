"""Fit what makes estimates trustworthy to tables of measured designs: intervals, failures, what is familiar."""
