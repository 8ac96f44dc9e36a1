"""Timing of one network on every CPU runtime that is present."""
