"""`codesign estimate FILE`: what a network costs in each implementation, in seconds and without any tool."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from codesign.cli.early import check_events
from codesign.cli.hardware_options import (
    NAMES,
    add_hardware_options,
    add_precision_options,
    grid_of,
    part_notes,
    read_design_reading,
    toolchain_of,
)
from codesign.cli.input_shape import add_input_shape_option
from codesign.cli.json_option import add_json_option
from codesign.cli.stated_types import check_types, stated_types, typed_as_asked

if TYPE_CHECKING:
    from codesign.fpga import Design, Grid
    from codesign.fpga.estimate.by_layer import LayerEstimate
    from codesign.fpga.estimate.toolchain import Toolchain
    from codesign.fpga.sweep.settings import Estimated

_EXAMPLES = """examples:
  codesign estimate model.h5
  codesign estimate my-hls-test/ --reuse 1 2 4 --clock-ns 2.78          # an hls4ml project, with its own types
  codesign estimate tagger.onnx --weights 6 --activations 8 --data events.npz --json costs.json
  codesign estimate tagger.onnx --strategy resource --reuse fc1=16 output=4 --precision 'ap_fixed<12,4>'
  codesign estimate 16-64-32-32-5 --precision 'ap_fixed<8,3>' --sparsity 0.75 --backend Vivado --tool-version 2020.1

FILE is any model that codesign reads: Keras 2 and 3, QKeras, HGQ2, an hls4ml project, ONNX and QONNX, PyTorch, TFLite,
scikit-learn, XGBoost, LightGBM, lwtnn, a Network's JSON. Types are those of the file; where it states none, all values
get hls4ml's default, ap_fixed<16,6>, or --precision, or --weights and --activations, for whose numbers of bits --data
finds the ranges. A softmax at the end is left out: a decision needs none. Instead of a file, sizes of layers such as
16-64-32-32-5 may stand: their weights are then taken as they are on average, and the intervals are wider; the layers
are called fc1, fc2, ..., output. Numbers are estimates of what logic synthesis will say, and beside them what the HLS
compiler's own report will; docs/trust.md says how far off they have been.
"""
_MOST_BY_LAYER = 6  # designs whose layers are printed


class _Priced(NamedTuple):
    """What is printed."""

    title: str
    found: "Estimated"
    notes: tuple[str, ...]
    types: str
    layers: "Callable[[Design], Sequence[LayerEstimate]]"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "estimate",
        help="estimate LUTs, DSPs and latency of any model's file",
        description="Estimate what a network costs in each implementation, reuse factor and clock, without any tool.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "model", metavar="FILE", help="any model that codesign reads, an hls4ml project, or a shape: 16-64-32-32-5"
    )
    parser.add_argument("--data", metavar="DATA", help="sample, or file of events, to find the ranges of values on")
    add_input_shape_option(parser)
    add_precision_options(parser, "those of the file")
    _add_shape_options(parser)
    add_hardware_options(parser)
    _add_tool_options(parser)
    add_json_option(parser, "also write the designs as JSON")
    parser.set_defaults(run=_run, early=_check, other_names=NAMES)


def _add_shape_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--precision",
        nargs="+",
        metavar="TYPE",
        help="one type for every value, such as 'ap_fixed<16,6>', or types of layers: fc1='ap_fixed<8,3>'",
    )
    shape = parser.add_argument_group("of a shape")
    shape.add_argument(
        "--sparsity", type=float, metavar="SHARE", help="of the weights that are zero (default: unknown)"
    )
    shape.add_argument(
        "--activation",
        nargs="+",
        metavar="NAME",
        help="of the hidden layers, and of the last one (default: relu linear)",
    )


def _add_tool_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--strategy", nargs="+", choices=("latency", "resource"), help="of hls4ml, instead of --implementations"
    )
    parser.add_argument(
        "--backend", metavar="NAME", help="of hls4ml: Vivado or Vitis (default: the file's, else Vitis)"
    )
    parser.add_argument("--tool-version", default="", metavar="VERSION", help="of the HLS compiler, such as 2020.1")


def _run(options: argparse.Namespace) -> None:
    from codesign.report.design_table import print_designs
    from codesign.report.layer_table import print_layers
    from codesign.report.result import write_json

    grid = grid_of(options)
    title, found, notes, types, layers = (_price_shape if _is_bare(options) else _price_network)(options, grid)
    lines = (*notes, *part_notes(options.part), *found.refused, types, f"clock {options.clock_ns:g} ns, {options.part}")
    print_designs(title, None, found.designs, notes=lines)
    by_layer = [layers(design) for design in found.designs]
    for design, rows in zip(found.designs, by_layer) if len(by_layer) <= _MOST_BY_LAYER else ():
        print_layers(design, rows)
    if options.json:
        rows = [
            {"method": design.label, **design.as_dict(), "layers": [_row(one) for one in each]}
            for design, each in zip(found.designs, by_layer)
        ]
        write_json(options.json, "estimate", "not stated", rows, [], seeds=[], model=options.model, types=types)


def _row(one: "LayerEstimate") -> dict:
    from dataclasses import asdict

    return {name: value for name, value in asdict(one).items() if value is not None}


def _is_bare(options: argparse.Namespace) -> bool:
    """Whether sizes of layers stand in the place of a file."""
    from pathlib import Path

    from codesign.fpga.estimate.bare_shape import is_shape

    return is_shape(options.model) and not Path(options.model).exists()


def _check(options: argparse.Namespace) -> None:
    """Refuse options that say one thing twice, or that mean nothing for what is estimated."""
    from codesign.errors import ConfigError

    if options.strategy:
        if options.implementations:
            raise ConfigError("--strategy: expected it, or --implementations. Received: both")
        options.implementations = [f"hls4ml-{name}" for name in options.strategy]
    narrow = [f"--{name}" for name in ("weights", "activations", "inputs") if getattr(options, name)]
    if options.precision and narrow:
        raise ConfigError(f"--precision: expected it, or {', '.join(narrow)}. Received: both")
    check_types(options)
    grid_of(options)
    _toolchain(options)
    check_events(options.data)
    (_check_shape if _is_bare(options) else _check_file)(options)


def _check_shape(options: argparse.Namespace) -> None:
    from codesign.errors import ConfigError

    given = ("data", "weights", "activations", "inputs", "input_shape")
    needless = [f"--{name.replace('_', '-')}" for name in given if getattr(options, name)]
    if needless:
        raise ConfigError(
            f"{needless[0]}: a shape has no weights and no events, and its inputs are its first size; give "
            "--precision, such as ap_fixed<16,6>"
        )
    if options.activation and len(options.activation) > 2:
        raise ConfigError(f"--activation: expected at most two. Received: {len(options.activation)}")


def _check_file(options: argparse.Namespace) -> None:
    from codesign.errors import ConfigError

    for name in ("sparsity", "activation"):
        if getattr(options, name) is not None:
            raise ConfigError(f"--{name}: of a shape such as 16-64-5. Received: {options.model}, a file that states it")


def _toolchain(options: argparse.Namespace, stated: str = "") -> "Toolchain":
    from codesign.errors import ConfigError, nearest
    from codesign.fpga.hls4ml.project import AMD_BACKENDS

    if options.backend is not None and options.backend.lower() not in map(str.lower, AMD_BACKENDS):
        given = f"{options.backend}{nearest(options.backend, AMD_BACKENDS)}"
        raise ConfigError(f"--backend: expected {' or '.join(AMD_BACKENDS)}. Received: {given}")
    return toolchain_of(options.part, options.backend or stated, options.tool_version)


def _price_shape(options: argparse.Namespace, grid: "Grid") -> _Priced:
    from codesign.fpga.estimate.bare_shape import HLS4ML_TYPE, BareShape
    from codesign.fpga.estimate.type_notes import type_notes
    from codesign.fpga.sweep.settings import estimate_shape

    activations = options.activation or ["relu"]
    shape = BareShape.of(
        options.model,
        precision=stated_types(options.precision) or HLS4ML_TYPE,
        activation=activations[0],
        last_activation=activations[1] if len(activations) > 1 else "linear",
        sparsity=options.sparsity,
    )
    toolchain = _toolchain(options)
    said = f"types are {shape.precision}" if isinstance(shape.precision, str) else "types are as asked for"
    found = estimate_shape(shape, grid, toolchain)
    notes = type_notes({name: shape.type_of(name) for name in (*shape.names, "inputs")})
    return _Priced(options.model, found, notes, said, lambda design: shape.layers(design, toolchain))


def _price_network(options: argparse.Namespace, grid: "Grid") -> _Priced:
    from codesign.fpga.estimate.by_layer import estimate_layers
    from codesign.fpga.estimate.type_notes import network_type_notes
    from codesign.fpga.sweep.settings import estimate_settings

    reading, notes = read_design_reading(options)
    typed, toolchain = (
        typed_as_asked(options, reading.design_network()),
        _toolchain(options, reading.about.get("backend", "")),
    )
    title = f"{options.model}: {typed.network!r}"
    found = estimate_settings(typed, grid, toolchain)
    notes = (*notes, *network_type_notes(typed.network))
    return _Priced(title, found, notes, typed.origin, lambda design: estimate_layers(design, toolchain=toolchain))
