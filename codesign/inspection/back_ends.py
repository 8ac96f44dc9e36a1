"""What each back end takes of a network: its own check or writer is asked, so that there is no second list of ops."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from codesign.errors import CodesignError
from codesign.network import Network, quantize_network
from codesign.network.ends import folded, split_softmax
from codesign.network.same_function import draw_events

_TRIAL_BITS = 16  # as hls4ml's default: of a network without types, to ask back ends that want some
_TRIAL_EVENTS = 64


@dataclass(frozen=True)
class Verdict:
    """What a back end says of a network.

    Args:
        back_end: its name, as in `codesign export --to` or `implementation`.
        takes: whether it takes it.
        reason: why not: its own message, which names the node; of one that takes it, on what condition, or nothing.
    """

    back_end: str
    takes: bool
    reason: str = ""


def ask_back_ends(network: Network) -> tuple[Verdict, ...]:
    """Return the verdict of each back end.

    Those of designs are asked about the network without its softmax and with its standardisation in the first layer, as
    designs are; where it has no types, with some of 16 bits.
    """
    found = [_verdict(name, check, network) for name, check in _OF_FUNCTIONS.items()]
    try:
        design, note = _as_design(network)
    except CodesignError as error:
        return (*(Verdict(name, False, str(error)) for name in _OF_DESIGNS), *found)
    return (*(_verdict(name, check, design, note) for name, check in _OF_DESIGNS.items()), *found)


def _verdict(name: str, check: Callable[[Network], object], network: Network, note: str = "") -> Verdict:
    try:
        check(network)
    except CodesignError as error:
        return Verdict(name, False, str(error))
    except (KeyError, ValueError, TypeError, NotImplementedError, IndexError) as error:  # of a writer without an answer
        return Verdict(name, False, f"its writer fails: {type(error).__name__}: {error}")
    return Verdict(name, True, note)


def _as_design(network: Network) -> tuple[Network, str]:
    """The network as designs take it, and what had to be done for it."""
    design = split_softmax(folded(network))[0]
    try:
        _ = design.fixed_ops
    except CodesignError:
        trained = "its own" if design.has_trained_types else f"{_TRIAL_BITS} bits"
        options = {} if design.has_trained_types else dict.fromkeys(("weights", "activations", "inputs"), _TRIAL_BITS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantised = quantize_network(design, draw_events(design, _TRIAL_EVENTS), **options)
        return quantised, f"once quantize_network has given it types (asked with {trained})"
    return design, ""


def _hls4ml(network: Network) -> None:
    from codesign.fpga.hls4ml.checks import check_hls4ml

    check_hls4ml(network)


def _unrolled(network: Network) -> None:
    from codesign.fpga.rtl.circuits import check_circuit

    check_circuit(network)


def _cpp_integer(network: Network) -> None:
    from codesign.export.cpp_integer.lower import check_lowered

    check_lowered(network)


def _cpp(network: Network) -> None:
    from codesign.export.cpp import cpp_source

    cpp_source(network)


def _onnx(network: Network) -> None:
    from codesign.export.onnx.ops import WRITERS
    from codesign.export.op_table import function_of

    for node in network.nodes:
        function_of(node, WRITERS, "ONNX", "write C++")


def _tflite(network: Network) -> None:
    from codesign.export.op_table import function_of
    from codesign.export.tflite.functions import ACTIVATIONS
    from codesign.export.tflite.ops import FUNCTIONS

    for node in network.nodes:
        function_of(node, FUNCTIONS, "TFLite", "write C++, or ONNX", functions=ACTIVATIONS)


def _keras3(network: Network) -> None:
    from codesign.export.keras3.file import keras_graph

    keras_graph(network)


def _lwtnn(network: Network) -> None:
    from codesign.export.lwtnn.graph import pack_graph
    from codesign.export.single_chain import SingleChain
    from codesign.read import Names

    if SingleChain.of(network) is None:
        pack_graph(network, Names().of(network))


_OF_DESIGNS: Mapping[str, Callable[[Network], None]] = MappingProxyType(
    {"hls4ml": _hls4ml, "unrolled": _unrolled, "cpp-integer": _cpp_integer, "qonnx": _onnx}
)
_OF_FUNCTIONS: Mapping[str, Callable[[Network], None]] = MappingProxyType(
    {"cpp": _cpp, "onnx": _onnx, "tflite": _tflite, "json": _lwtnn, "keras3": _keras3}
)
