"""External tools: `find` says which are there, `run` runs one within a time limit."""

from codesign.tools.find import TOOL_NAMES, Tool, find_tool, installed_tools, require_tool
from codesign.tools.run import run_tool

__all__ = ["TOOL_NAMES", "Tool", "find_tool", "installed_tools", "require_tool", "run_tool"]
