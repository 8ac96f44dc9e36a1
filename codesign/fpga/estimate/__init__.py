"""Latency and resources of a design, foretold in microseconds to seconds without a vendor tool."""
