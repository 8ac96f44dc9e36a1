"""Options of the commands that lay a network out: implementations, reuse factors, clock, part, precisions."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesign.fpga import Grid
    from codesign.fpga.estimate.toolchain import Toolchain
    from codesign.read.reading import Reading

NAMES = {
    "reuse_factors": "--reuse",
    "reuse_factor": "--reuse",
    "clock_period_ns": "--clock-ns",
    "adder_levels_per_stage": "--levels",
    "model": "FILE",
}


def add_hardware_options(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument(
        "--implementations",
        nargs="+",
        metavar="NAME",
        help="some of hls4ml-latency, hls4ml-resource, unrolled (default: all)",
    )
    parser.add_argument(
        "--reuse",
        "--reuse-factors",
        dest="reuse_factors",
        nargs="+",
        default=["1"],
        metavar="N",
        help="reuse factors of hls4ml's layers, a design each, or one design of a factor by layer: fc1=4 fc2=1 "
        "(default: 1)",
    )
    parser.add_argument(
        "--levels",
        type=int,
        nargs="+",
        default=[4],
        metavar="N",
        help="adders between registers, unrolled (default: 4)",
    )
    parser.add_argument("--clock-ns", type=float, default=5.0, metavar="NS", help="clock period (default: 5)")
    parser.add_argument(
        "--part", default="xcvu13p-flga2577-2-e", metavar="PART", help="FPGA (default: xcvu13p-flga2577-2-e)"
    )


def add_precision_options(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the widths; `default` says what is taken without."""
    for name in ("weights", "activations", "inputs"):
        parser.add_argument(
            f"--{name}",
            nargs="+",
            metavar="WIDTH",
            help=f"bits such as 6, types such as 'ap_fixed<8,3>', or trained (default: {default})",
        )


def grid_of(options: argparse.Namespace, **widths: object) -> "Grid":
    """Return the hardware settings that were asked for, and widths."""
    from codesign.fpga import Grid
    from codesign.fpga.design.design import IMPLEMENTATIONS

    return Grid(
        implementations=tuple(options.implementations or IMPLEMENTATIONS),
        reuse_factors=_reuse_factors(options.reuse_factors),
        adder_levels_per_stage=tuple(options.levels),
        clock_period_ns=options.clock_ns,
        part=options.part,
        **{name: value for name, value in widths.items() if value is not None},
    )


def by_name(given: Sequence[str], option: str) -> dict[str, str]:
    """Return the values of words such as ``fc1=4``.

    Raises:
        ConfigError: for a word that is none, or a name that stands twice.
    """
    from codesign.errors import ConfigError

    found: dict[str, str] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not (name and equals and value) or name in found:
            wanted = "each layer once, as in fc1=4 fc2=1" if name in found else "all words as in fc1=4 fc2=1, or none"
            raise ConfigError(f"{option}: expected {wanted}. Received: {word!r:.60}")
        found[name] = value
    return found


def _reuse_factors(given: Sequence[str]) -> "tuple[int | dict[str, int], ...]":
    """Numbers are a design each; names with numbers are one."""
    if any("=" in word for word in given):
        named = by_name(given, "reuse_factors")
        return ({name: _factor(value) for name, value in named.items()},)
    return tuple(map(_factor, given))


def _factor(text: str) -> int:
    from codesign.errors import ConfigError

    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"reuse_factors: expected a whole number, or a layer's, as in fc1=4. Received: {text!r:.60}")
    return int(text)


def widths(given: Sequence[str] | None) -> tuple[int | str, ...] | None:
    """Return widths as a grid takes them: numbers of bits as numbers."""
    return None if given is None else tuple(int(one) if one.isdecimal() else one for one in given)


def read_design_reading(options: argparse.Namespace) -> "tuple[Reading, tuple[str, ...]]":
    """Return what ``options.model`` holds, and a sentence for each thing that the file leaves open."""
    import warnings

    from codesign.cli.input_shape import input_shapes
    from codesign.errors import AssumptionWarning
    from codesign.read import ReadOptions, read_file

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AssumptionWarning)  # lines say it
        reading = read_file(options.model, ReadOptions(input_shapes=input_shapes(options)))
    return reading, reading.assumed


def part_notes(part: str) -> tuple[str, ...]:
    """Return a sentence about a part of another vendor than the one whose designs the estimates were fitted to."""
    from codesign.fpga.design.parts import find_part

    kind = find_part(part).lut_kind
    if kind == "LUT6":
        return ()
    return (
        f"{part} counts {kind}s: LUTs, FFs, DSPs and BRAM of the estimate are those of AMD parts, whose designs the "
        "closed forms were fitted to, and do not depend on this part",
    )


def toolchain_of(part: str, backend: str, version: str = "") -> "Toolchain":
    """Return what hls4ml's backend compiles with: Vitis HLS where it is none of AMD's.

    Args:
        part: of the design.
        backend: as it was asked for, or as a project states it; may be empty.
        version: of the compiler; empty if it is not known.
    """
    from codesign.fpga.estimate.toolchain import Toolchain
    from codesign.fpga.hls4ml.project import AMD_BACKENDS

    is_amd = backend.lower().startswith(tuple(map(str.lower, AMD_BACKENDS)))
    return Toolchain.of(part, backend if is_amd else AMD_BACKENDS[0], version)
