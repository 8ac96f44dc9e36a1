"""A Network as a TFLite file, float or int8."""
