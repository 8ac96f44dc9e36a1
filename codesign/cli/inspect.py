"""`codesign inspect FILE`: what a model's file is, its graph, and which back ends take it."""

import argparse
from typing import TYPE_CHECKING

from codesign.cli.input_shape import add_input_shape_option, input_shapes
from codesign.cli.json_option import add_json_option

if TYPE_CHECKING:
    from codesign.inspection import Inspection

_WIDTH_OF_A_FILE = 240
_EXAMPLES = """examples:
  codesign inspect model.keras
  codesign inspect design.json --data events.npz          # and how many values lie outside their types
  codesign inspect model.h5 --json - --svg graph.svg

FILE is any model that codesign reads; it is told apart by its content, and nothing in it is run. Of each node: what it
does, its shape and type; its weights, how many are 0, how many values they have, and how many lie at an end of a type
that saturates; its products (of values, or of a value and a weight that is not 0), and over them the bits of one factor
times those of the other. A back end that refuses names the first node that it has nothing for.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "inspect",
        help="say what a model's file is, its layers, types and weights, and which back ends take it",
        description="Say what is in the file of a model, and which back ends take it.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="FILE", help="file or folder of a model")
    parser.add_argument("--data", metavar="EVENTS", help="file of events, to count values outside their types")
    parser.add_argument("--svg", metavar="PATH", help="also draw the graph")
    add_input_shape_option(parser)
    add_json_option(parser, "print or write JSON instead of tables", alone=True)
    parser.set_defaults(run=_run, other_names={"path": "FILE"})


def _run(options: argparse.Namespace) -> None:
    import warnings

    from codesign._files import replace_file
    from codesign.errors import AssumptionWarning
    from codesign.inspection import inspect_file

    x = None
    if options.data is not None:
        from codesign.export.arrays import read_events

        x = read_events(options.data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AssumptionWarning)  # lines say it
        found = inspect_file(options.model, x, input_shapes=input_shapes(options))
    _print(options, found)
    if options.svg:
        replace_file(options.svg, found.to_svg().encode(), "the drawing", argument="--svg")


def _print(options: argparse.Namespace, found: "Inspection") -> None:
    import json

    from rich.console import Console

    from codesign._files import replace_file
    from codesign.inspection.terminal import print_inspection

    if options.json:
        content = json.dumps(found.as_dict(), indent=1) + "\n"
        replace_file(options.json, content.encode(), "the JSON", argument="--json")
    else:
        console = Console()
        print_inspection(found, console if console.is_terminal else Console(width=_WIDTH_OF_A_FILE))
