"""`codesign export MODEL --to cpp|cpp-integer|json|onnx|qonnx|tflite|keras3`: a network as a file."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.cli.input_shape import add_input_shape_option, input_shapes
from codesign.cli.json_option import add_json_option

if TYPE_CHECKING:
    from codesign.export import ExportedModel

_FORMATS = ("cpp", "cpp-integer", "json", "onnx", "qonnx", "tflite", "keras3")
_EXAMPLES = """examples:
  codesign export model.h5 --to cpp                                     # model.hpp, C++17 with the weights inside
  codesign export model.keras --to json --standardize scaler.npz        # lwtnn's JSON, with mean and std
  codesign export model.h5 --to onnx --mean=0.5,-1.2,3 --std=1,2,0.4 --out tagger.onnx
  codesign export model.h5 --to keras3 --out model.keras                # for Keras 3, written without it
  codesign export net.json --to tflite --int8 --calibration train.npz
  codesign export design.json --to qonnx --out tagger.onnx              # Quant nodes hold the types of a design
  codesign export design.json --to cpp-integer --out tagger.hpp         # the integers of a design, bit for bit

MODEL is any file that `codesign inspect` reads: Keras, QKeras, HGQ, hls4ml, ONNX, torch.export, TFLite, skops, lwtnn.
The rounding and saturation that a network was trained with, as in QKeras, are exported; the types of a design are not,
but by cpp-integer and qonnx: these take a network with fixed-point types, and their integers are Network.emulate's.
A Network holds no final softmax: its outputs are logits, unless --softmax puts one back.
Before it takes its place, the file is evaluated and compared with MODEL's own outputs, where this machine can run it,
on events at random and on others that reach every saturation: a difference beyond the rounding of single precision is
an error, and what was there stays. Events on which that rounding may carry a value to another step of a quantizer, and
which differ, are left out and counted.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "export",
        help="write a trained network as C++, lwtnn JSON, ONNX, TFLite or for Keras 3",
        description="Write a trained network as a file that runs without Keras, and check it.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="MODEL", help="file or folder of a model, told apart by its content")
    parser.add_argument("--to", required=True, choices=_FORMATS, help="format")
    parser.add_argument(
        "--out", metavar="PATH", help="the file to write (default: NAME.hpp, .json, .onnx, .tflite or .keras here)"
    )
    parser.add_argument("--name", help="name of the network, an identifier of C++ (default: from MODEL's file name)")
    parser.add_argument("--mean", metavar="M,M,...", help="means of the features, to be subtracted; with --std")
    parser.add_argument("--std", metavar="S,S,...", help="standard deviations of the features, to be divided by")
    parser.add_argument("--standardize", metavar="FILE", help=".npz or .json with 'mean' and 'std'")
    parser.add_argument(
        "--softmax", action="store_true", help="put a softmax behind the last layer: a Network's JSON holds none"
    )
    add_input_shape_option(parser)
    parser.add_argument("--int8", action="store_true", help="tflite: 8-bit weights and values; needs --calibration")
    parser.add_argument(
        "--calibration", metavar="X", help="tflite --int8: file of representative events, not standardised"
    )
    parser.add_argument(
        "--check", type=int, default=1000, metavar="N", help="events to compare (default: 1000; 0: none)"
    )
    add_json_option(parser, "print or write JSON instead of lines", alone=True)
    parser.set_defaults(run=_run, early=_check)


def _check(options: argparse.Namespace) -> None:
    """Check what needs no network."""
    from codesign.errors import ConfigError
    from codesign.export.suffixes import SUFFIXES

    if options.check < 0:
        raise ConfigError(f"--check: expected a number of events, or 0 for none. Received: {options.check}")
    if options.int8 != (options.calibration is not None) or (options.int8 and options.to != "tflite"):
        raise ConfigError(
            "--int8, --calibration: expected both, with --to tflite, or neither. Received: another combination"
        )
    input_shapes(options)
    options.out = options.out or _name(options) + SUFFIXES[options.to]


def _run(options: argparse.Namespace) -> None:
    import warnings

    from codesign.errors import UncheckedWarning
    from codesign.export.arrays import read_events
    from codesign.export.checked_file import check_target, export_model

    offset, scale = _standardisation(options)
    name, out = _name(options), Path(options.out)
    check_target(options.model, out, argument="--out")
    x = None if options.calibration is None else read_events(options.calibration)
    settings = {"softmax": options.softmax, "offset": offset, "scale": scale, "name": name}
    settings |= {"input_shapes": input_shapes(options), "to": options.to, "check": options.check, "int8": options.int8}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UncheckedWarning)  # a line says it
        _print(options, export_model(options.model, out, x=x, **settings))


def _print(options: argparse.Namespace, exported: "ExportedModel") -> None:
    import json

    from codesign._files import replace_file

    agreement = exported.agreement
    result = _summary(options, exported)
    if options.json:
        replace_file(options.json, (json.dumps(result, indent=1) + "\n").encode(), "the JSON", argument="--json")
        return
    live = f"{result['live_weights']:,} weights that are not 0"
    print(f"{exported.path}: {result['network']}, {live}, {result['bytes']:,} bytes")
    if agreement:
        events = f"{agreement.n_events:,} events {'of the calibration' if options.int8 else 'at random'}"
        if agreement.n_left_out:
            events += f"; {agreement.n_left_out:,} left out, where rounding changed a quantizer's step"
        if options.to in ("cpp-integer", "qonnx"):
            print(f"the same integers as the design's, on {agreement.n_events:,} events at random and at the extremes")
        else:
            print(f"largest difference to the model: {agreement.difference:.2g}, on {events}")
    elif options.check:
        print(f"not compared: what runs {options.to} files is not installed")


def _summary(options: argparse.Namespace, exported: "ExportedModel") -> dict:
    from codesign.network.summary import size_text

    network, agreement = exported.network, exported.agreement
    return {
        "path": str(exported.path),
        "format": options.to,
        "int8": options.int8,
        "name": exported.names.network,
        "network": size_text(network),
        "live_weights": network.n_weights,
        "bytes": exported.path.stat().st_size,
        "events_compared": agreement.n_events if agreement else 0,
        "events_left_out": agreement.n_left_out if agreement else 0,
        "largest_difference": agreement.difference if agreement else None,
    }


def _standardisation(options: argparse.Namespace) -> tuple:
    from codesign.errors import ConfigError
    from codesign.export.arrays import read_standardisation, standardisation

    if (options.mean is None) != (options.std is None) or (options.mean and options.standardize):
        raise ConfigError("--mean, --std: expected both, or neither and --standardize. Received: another combination")
    if options.standardize:
        return read_standardisation(options.standardize)
    if options.mean is None:
        return None, None
    return standardisation(*(text.split(",") for text in (options.mean, options.std)))


def _name(options: argparse.Namespace) -> str:
    return options.name or _identifier(Path(options.model).stem)


def _identifier(text: str) -> str:
    name = re.sub(r"\W", "_", text, flags=re.ASCII)
    return name if name[:1].isalpha() else f"network_{name}"
