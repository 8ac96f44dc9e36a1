"""`codesign doctor`: which tools and extras are here, and what each enables."""

import argparse
from typing import TYPE_CHECKING

from codesign.cli.json_option import add_json_option

if TYPE_CHECKING:
    from codesign.extras import Extra
    from codesign.tools.find import Tool


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("doctor", help="list the tools and extras that were found, and what each enables")
    add_json_option(parser, "print or write JSON instead of the table", alone=True)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    import json
    from dataclasses import asdict

    from codesign._files import replace_file
    from codesign.extras import EXTRAS
    from codesign.tools.find import installed_tools

    tools = [*installed_tools(), *map(_as_tool, EXTRAS.values())]
    if options.json:
        listed = json.dumps([asdict(tool) for tool in tools], indent=1, default=str)
        replace_file(options.json, (listed + "\n").encode(), "the JSON", argument="--json")
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("tool", "version", "enables", "if it is missing", title="codesign doctor")
    for tool in tools:
        found = tool.path is not None
        table.add_row(
            escape(tool.name),
            tool.version or ("found" if found else "[red]not found[/red]"),
            escape(tool.enables),
            "" if found else escape(tool.install_hint),
        )
    Console().print(table)


def _as_tool(extra: "Extra") -> "Tool":
    """Return an extra as a row of the table: what is there of it, and what is missing."""
    import sys

    from codesign.tools.find import Tool

    versions = extra.versions()
    listed = ", ".join(f"{package} {version or 'missing'}" for package, version in versions.items())
    return Tool(
        f"extra [{extra.name}]",
        listed,
        sys.prefix if all(versions.values()) else None,
        extra.brings,
        extra.install_hint,
    )
