"""`--json`: one option for all commands that write JSON; `-` is standard output, and text for people goes elsewhere."""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

STANDARD_OUTPUT = "-"


def add_json_option(parser: argparse.ArgumentParser, what: str, *, alone: bool = False) -> None:
    """Add ``--json PATH``.

    Args:
        what: for the help: ``also write the times as JSON``.
        alone: ``--json`` without a path prints.
    """
    more = {"nargs": "?", "const": STANDARD_OUTPUT} if alone else {}
    parser.add_argument("--json", metavar="PATH", help=f"{what}; {STANDARD_OUTPUT} is standard output", **more)


@contextlib.contextmanager
def json_on_standard_output(options: argparse.Namespace) -> Iterator[None]:
    """Where `options` say ``--json -``, print only the JSON that the block writes, and all else to standard error."""
    if getattr(options, "json", None) != STANDARD_OUTPUT:
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "output.json")
        options.json = str(written)
        with contextlib.redirect_stdout(sys.stderr):
            yield
        if written.exists():
            sys.stdout.write(written.read_text(encoding="utf-8"))
            sys.stdout.flush()
