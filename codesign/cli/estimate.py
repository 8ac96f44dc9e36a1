"""`codesign estimate FILE`: what a network costs in each implementation, in seconds and without any tool."""

import argparse
from typing import TYPE_CHECKING

from codesign.cli.hardware_options import (
    NAMES,
    add_hardware_options,
    add_precision_options,
    grid_of,
    read_design_network,
    widths,
)
from codesign.cli.input_shape import add_input_shape_option
from codesign.cli.json_option import add_json_option

if TYPE_CHECKING:
    import numpy as np

    from codesign.fpga.sweep.settings import Typed

_EXAMPLES = """examples:
  codesign estimate model.h5
  codesign estimate my-hls-test/ --reuse-factors 1 2 4 --clock-ns 2.78          # an hls4ml project, with its own types
  codesign estimate tagger.onnx --weights 6 --activations 8 --data events.npz --json costs.json

FILE is any model that codesign reads: Keras 2 and 3, QKeras, HGQ2, an hls4ml project, ONNX and QONNX, PyTorch, TFLite,
scikit-learn, XGBoost, LightGBM, lwtnn, a Network's JSON. Types are those of the file; where it states none, all values
get hls4ml's default, ap_fixed<16,6>, or --weights and --activations, for whose numbers of bits --data finds the ranges.
A softmax at the end is left out: a decision needs none. Numbers are estimates of what logic synthesis will say;
docs/trust.md says how far off they have been.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "estimate",
        help="estimate LUTs, DSPs and latency of any model's file",
        description="Estimate what a network costs in each implementation, reuse factor and clock, without any tool.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="FILE", help="any model that codesign reads, or an hls4ml project")
    parser.add_argument("--data", metavar="DATA", help="sample, or file of events, to find the ranges of values on")
    add_input_shape_option(parser)
    add_precision_options(parser, "those of the file")
    add_hardware_options(parser)
    add_json_option(parser, "also write the designs as JSON")
    parser.set_defaults(run=_run, other_names=NAMES)


def _run(options: argparse.Namespace) -> None:
    from codesign.fpga.sweep.settings import estimate_settings
    from codesign.report.design_table import print_designs
    from codesign.report.result import write_json

    typed, said = _read_typed(options)
    found = estimate_settings(typed, grid_of(options))
    designs, notes = (
        found.designs,
        (*said, *found.refused, typed.origin, f"clock {options.clock_ns:g} ns, {options.part}"),
    )
    print_designs(f"{options.model}: {typed.network!r}", None, designs, notes=notes)
    if options.json:
        rows = [{"method": design.label, **design.as_dict()} for design in designs]
        write_json(options.json, "estimate", "not stated", rows, [], seeds=[], model=options.model, types=typed.origin)


def _read_typed(options: argparse.Namespace) -> "tuple[Typed, tuple[str, ...]]":
    """Return the model with the types that were asked for, and what its file leaves open."""
    from codesign.errors import ConfigError
    from codesign.fpga.sweep.settings import typed_network
    from codesign.network import PrecisionChoice

    asked = {name: widths(getattr(options, name)) for name in ("weights", "activations", "inputs")}
    for name, given in asked.items():
        if given is not None and len(given) > 1:
            raise ConfigError(f"--{name}: expected one width. Received: {len(given)}; codesign sweep tries several")
    one = {name: given[0] for name, given in asked.items() if given}
    network, notes = read_design_network(options)
    return typed_network(network, PrecisionChoice(**one) if one else None, _events(options.data)), notes


def _events(data: str | None) -> "np.ndarray | None":
    from codesign.data import load_events

    return None if data is None else load_events(data).x_train
