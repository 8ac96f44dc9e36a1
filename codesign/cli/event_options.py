"""`--features`, `--label`, `--test`, `--kind`: what the events of `--data` are, for every command that loads some."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesign.data import Dataset


def add_kind_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--kind KIND``."""
    parser.add_argument(
        "--kind",
        metavar="KIND",
        default="not stated",
        help="how real the events of a file are: REAL, GENERATED or STAND-IN",
    )


def add_column_options(parser: argparse.ArgumentParser, features: str) -> None:
    """Add ``--features NAME ...``, ``--label NAME`` and ``--test TEST``.

    Args:
        features: for the help of ``--features``.
    """
    parser.add_argument("--features", nargs="+", metavar="NAME", help=features)
    parser.add_argument("--label", metavar="NAME", help="column of the labels")
    parser.add_argument("--test", metavar="TEST", help="share, column or file of the test events (default: 0.2)")


def load_given_events(options: argparse.Namespace) -> "Dataset":
    """Return the events of ``--data`` as the options describe them.

    Raises:
        DataError: if they cannot be read.
    """
    from codesign.data import load_events

    kind = {"kind": options.kind} if "kind" in options else {}
    test = _share_or_name(options.test)
    return load_events(options.data, features=options.features, label=options.label, test=test, **kind)


def _share_or_name(text: str | None) -> float | str | None:
    """A share of the events where the text is a number, else a column's or a file's name."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text
