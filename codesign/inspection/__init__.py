"""What is in the file of a model: its format, its graph with types and counts, and which back ends take it."""

from codesign.inspection.inspection import Inspection, inspect_file

__all__ = ["Inspection", "inspect_file"]
