"""`codesign doctor`: which tools are here, and what each enables."""

import argparse

from codesign.cli.json_option import add_json_option


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("doctor", help="list the tools that were found, and what each enables")
    add_json_option(parser, "print or write JSON instead of the table", alone=True)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    import json
    from dataclasses import asdict

    from codesign._files import replace_file
    from codesign.fpga.tools import installed_tools

    tools = installed_tools()
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
            tool.name,
            tool.version or ("found" if found else "[red]not found[/red]"),
            escape(tool.enables),
            "" if found else escape(tool.install_hint),
        )
    Console().print(table)
