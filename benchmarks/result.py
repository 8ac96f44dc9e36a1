"""What the benchmarks write: the same JSON as ``codesign reproduce``."""

from codesign.report.result import goal, write_json, write_result

__all__ = ["goal", "write_json", "write_result"]
