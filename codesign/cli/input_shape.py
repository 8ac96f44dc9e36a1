"""`--input-shape`: the sizes of inputs that a model's file leaves open."""

import argparse

from codesign.errors import ConfigError


def add_input_shape_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--input-shape [NAME=]N,N,...``, which may be given for each input."""
    parser.add_argument(
        "--input-shape",
        action="append",
        metavar="[NAME=]N,N",
        help="sizes of an input, events not counted, where the file leaves them open: 16,3; of several: particles=16,3",
    )


def input_shapes(options: argparse.Namespace) -> dict[str, tuple[int, ...]] | tuple[int, ...] | None:
    """Return the shapes as :class:`codesign.read.ReadOptions` takes them.

    Raises:
        ConfigError: for what is no list of sizes, or one without a name among several.
    """
    given = [text.rpartition("=") for text in options.input_shape or ()]
    if not given:
        return None
    shapes = [_sizes(sizes) for _, _, sizes in given]
    names = [name for name, _, _ in given if name]
    if not names and len(shapes) == 1:
        return shapes[0]
    if len(set(names)) < len(shapes):
        raise ConfigError(
            f"--input-shape: expected a name for each input, such as particles=16,3. Received: {options.input_shape}"
        )
    return dict(zip(names, shapes))


def _sizes(text: str) -> tuple[int, ...]:
    sizes = text.split(",")
    if not all(one.strip().isascii() and one.strip().isdecimal() and len(one) < 10 for one in sizes):
        raise ConfigError(f"--input-shape: expected sizes such as 16,3. Received: {text!r:.80}")
    return tuple(map(int, sizes))
