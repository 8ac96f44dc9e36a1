"""Write a Network as an hls4ml project with every type explicit, and run its C simulation."""

import contextlib
import io
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import ConfigError, ToolError, UnsupportedLayerError, nearest
from codesign.fpga.design.design import Design
from codesign.fpga.design.reuse import kernel_shapes, layer_reuse_factors
from codesign.fpga.hls4ml.checks import check_hls4ml, check_path_for_cpp
from codesign.fpga.hls4ml.written import DEFAULT, is_index, written_layers
from codesign.network import Network

if TYPE_CHECKING:
    from hls4ml.model import ModelGraph

AMD_BACKENDS = ("Vitis", "Vivado")
BACKENDS = (*AMD_BACKENDS, "Quartus", "oneAPI", "Catapult")
_WITHOUT_CODE = ("Input", "Reshape")  # hls4ml's classes
SIMULATORS = {"oneAPI": "icpx"}  # hls4ml compiles the C simulation of all others with g++


@dataclass(frozen=True, eq=False)
class Hls4mlProject:
    """A written hls4ml project.

    Args:
        graph: hls4ml's model, for users who want to go on with hls4ml's own calls.
        directory: where it was written.
        backend: one of :data:`BACKENDS`.
        network: what it computes; inputs that are rounded to a type each are rounded before they are sent.
    """

    graph: "ModelGraph"
    directory: Path
    backend: str
    network: Network

    def simulate(self, x: np.ndarray) -> np.ndarray:
        """Compile the C++ with g++ (once) and evaluate it.

        Args:
            x: (n_events, n_inputs); converted to the input types by the C++.

        Returns:
            (n_events, n_outputs) float64.

        Raises:
            DataError: for a wrong shape, NaN or inf.
            ToolError: if g++ is missing or does not compile the project.
        """
        from codesign.tools.find import require_tool

        require_tool(SIMULATORS.get(self.backend, "g++"))
        x = self.network.check_events(x)
        with _quiet() as printed:
            try:
                if self.graph._top_function_lib is None:
                    self.graph._compile()
                outputs = self._predict(self._events(x))
            except Exception as error:  # hls4ml raises bare Exception when g++ fails
                lines = printed.getvalue().strip().splitlines() or [str(error)]
                reason = next((line.strip() for line in lines if "error" in line.lower()), lines[-1])
                raise ToolError(f"hls4ml C simulation in {self.directory}: {reason}") from error
        return outputs[: len(x)]

    def _events(self, x: np.ndarray) -> list[np.ndarray]:
        """The events of each input, two at least: hls4ml takes one for a value without an axis of events."""
        x = np.concatenate([x, np.zeros((max(0, 2 - len(x)), x.shape[1]))])
        values = self.network.input_layout.split(x)
        events = []
        for one in self.network.inputs:
            rounds_each = one.precision.differs_by_element and one.precision.rounding != "TRN"
            is_sent = rounds_each or is_index(self.network, one.name)  # a value is rounded once, not in two types
            given = one.precision.quantize(values[one.name]) if is_sent else values[one.name]
            events.append(np.ascontiguousarray(given, np.float64))
        return events

    def _predict(self, events: list[np.ndarray]) -> np.ndarray:
        outputs = self.graph.predict(events if len(events) > 1 else events[0])
        outputs = outputs if isinstance(outputs, list) else [outputs]
        n_events = len(events[0])
        return np.concatenate([np.asarray(one, np.float64).reshape(n_events, -1) for one in outputs], 1)


def write_hls4ml_project(design: Design, directory: str | PathLike, *, backend: str = "Vitis") -> Hls4mlProject:
    """Write the hls4ml project of a design.

    An unrolled design is written with the latency strategy at reuse 1: the same numbers, built by HLS.
    Formats per element become formats of the whole tensor that contain them: exact for weights; of inputs and hidden
    values each element is cast to its own before, by the layer that hls4ml has for HGQ's networks.

    Args:
        design: its network needs every type.
        directory: made if it is missing.
        backend: hls4ml backend, by name.

    Raises:
        ConfigError: for an unknown backend.
        DataError: for a folder whose name does not go into C++.
        PrecisionError: for weights that single precision cannot hold.
        UnsupportedLayerError: for what hls4ml, or one of its backends, lacks; it names the node.
    """
    if backend not in BACKENDS:
        raise ConfigError(
            f"backend: expected one of {', '.join(BACKENDS)}. Received: {backend}{nearest(backend, BACKENDS)}"
        )
    check_path_for_cpp(directory)
    check_hls4ml(design.network)
    directory = Path(directory)
    with _quiet(), _without_keras():
        graph = _model_graph(design, directory, backend)
        graph.write()
    return Hls4mlProject(graph, directory, backend, design.network)


def _model_graph(design: Design, directory: Path, backend: str) -> "ModelGraph":
    """Return hls4ml's model of a design."""
    from hls4ml.model.graph import ModelGraph
    from hls4ml.utils.config import create_config

    strategy = "resource" if design.implementation == "hls4ml-resource" else "latency"
    factors = layer_reuse_factors(kernel_shapes(design.network), design.reuse_factor)
    layers, outputs = written_layers(design.network, factors, strategy)
    options = {"clock_period": design.clock_period_ns, "io_type": "io_parallel"}
    options |= {"part": design.part} if backend in AMD_BACKENDS else {}
    config = create_config(str(directory), "codesign", backend, **options)
    default = 1 if isinstance(design.reuse_factor, Mapping) else design.reuse_factor
    model = {"Precision": {"default": DEFAULT}, "ReuseFactor": default, "Strategy": layers.strategy}
    model["BitExact"] = False  # every type is explicit: hls4ml is not to find types of its own
    config["HLSConfig"] = {"Model": model, "LayerName": layers.config}
    inputs = [layer["name"] for layer in layers.layers if layer["class_name"] == "InputLayer"]
    cure = "take another, such as Vitis, or build it unrolled"
    try:
        graph = ModelGraph.from_layer_list(config, layers.layers, inputs, outputs)
    except AssertionError as error:  # of some backends, about what they lack
        raise UnsupportedLayerError(f"backend: {backend} does not take this network: {error}; {cure}") from None
    for layer in graph.get_layers():
        if layer.get_attr("function_cpp") is None and layer.class_name not in _WITHOUT_CODE:
            raise UnsupportedLayerError(
                f"layer '{layers.node_of[layer.name]}': hls4ml's backend {backend} has no {layer.class_name}; {cure}"
            )
    return graph


@contextlib.contextmanager
def _quiet():
    """Keep hls4ml's progress prints and warnings out of the terminal; they are handed over for error messages."""
    printed = io.StringIO()
    logger = logging.getLogger("hls4ml")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield printed
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def _without_keras():
    """Let hls4ml's writer, which tries to import Keras for models that come from it, find none: that takes seconds."""
    installed = sys.modules.get("keras")
    sys.modules["keras"] = None
    try:
        yield
    finally:
        del sys.modules["keras"]
        if installed is not None:
            sys.modules["keras"] = installed
