"""Write a Network as an hls4ml project with every type explicit, and run its C simulation."""

import contextlib
import io
import logging
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import ConfigError, ToolError, nearest
from codesign.fpga.design.design import Design
from codesign.fpga.design.reuse import layer_reuse_factors
from codesign.fpga.hls4ml.checks import check_hls4ml, check_path_for_cpp
from codesign.network import FixedPoint, Network

if TYPE_CHECKING:
    from hls4ml.model import ModelGraph

_INPUT = "events"
AMD_BACKENDS = ("Vitis", "Vivado")
BACKENDS = (*AMD_BACKENDS, "Quartus", "oneAPI", "Catapult")
SIMULATORS = {"oneAPI": "icpx"}  # hls4ml compiles the C simulation of all others with g++


@dataclass(frozen=True, eq=False)
class Hls4mlProject:
    """A written hls4ml project.

    Args:
        graph: hls4ml's model, for users who want to go on with hls4ml's own calls.
        directory: where it was written.
        backend: one of :data:`BACKENDS`.
        inputs: type of the events, of each feature perhaps; the C++ has one type that holds them all.
    """

    graph: "ModelGraph"
    directory: Path
    backend: str
    inputs: FixedPoint

    def simulate(self, x: np.ndarray) -> np.ndarray:
        """Compile the C++ with g++ (once) and evaluate it.

        Args:
            x: (n_events, n_inputs); converted to the input type by the C++, to that of each feature before.

        Returns:
            (n_events, n_outputs) float64.

        Raises:
            ToolError: if g++ is missing or does not compile the project.
        """
        from codesign.tools.find import require_tool

        require_tool(SIMULATORS.get(self.backend, "g++"))
        with _quiet() as printed:
            try:
                if self.graph._top_function_lib is None:
                    self.graph._compile()
                events = self.inputs.quantize(x) if self.inputs.differs_by_element else x
                outputs = self.graph.predict(np.ascontiguousarray(events, dtype=np.float64))
            except Exception as error:  # hls4ml raises bare Exception when g++ fails
                lines = printed.getvalue().strip().splitlines() or [str(error)]
                reason = next((line.strip() for line in lines if "error" in line.lower()), lines[-1])
                raise ToolError(f"hls4ml C simulation in {self.directory}: {reason}") from error
        return np.asarray(outputs, np.float64).reshape(len(x), -1)


def write_hls4ml_project(design: Design, directory: str | PathLike, *, backend: str = "Vitis") -> Hls4mlProject:
    """Write the hls4ml project of a design.

    An unrolled design is written with the latency strategy at reuse 1: the same numbers, built by HLS.
    Formats per element become formats of the whole tensor that contain them: exact for weights, but wider, and so not
    bit-identical to the emulation, for activations.

    Args:
        design: its network needs every type.
        directory: made if it is missing.
        backend: hls4ml backend, by name.

    Raises:
        ConfigError: for an unknown backend.
        DataError: for a folder whose name does not go into C++.
        PrecisionError: for weights that single precision, in which Keras hands them over, cannot hold.
    """
    if backend not in BACKENDS:
        raise ConfigError(
            f"backend: expected one of {', '.join(BACKENDS)}. Received: {backend}{nearest(backend, BACKENDS)}"
        )
    check_path_for_cpp(directory)
    check_hls4ml(design.network)
    from codesign._keras import legacy_keras_for_hls4ml

    directory = Path(directory)
    model = _explicit_keras_model(design.network)
    with legacy_keras_for_hls4ml(), _quiet():
        import hls4ml

        graph = hls4ml.converters.convert_from_keras_model(
            model,
            hls_config=hls4ml_config(design),
            backend=backend,
            output_dir=str(directory),
            project_name="codesign",
            part=design.part if backend in AMD_BACKENDS else None,
            clock_period=design.clock_period_ns,
            io_type="io_parallel",
        )
        graph.write()
    return Hls4mlProject(graph, directory, backend, design.network.input_precision)


def hls4ml_config(design: Design) -> dict:
    """Return the hls_config dictionary with the precision, reuse factor and strategy of every layer."""
    network = design.network
    strategy = "Resource" if design.implementation == "hls4ml-resource" else "Latency"
    factors = layer_reuse_factors(network.sizes, design.reuse_factor)
    names = {_INPUT: {"Precision": {"result": str(network.input_precision.envelope)}}}
    for index, (fixed, factor) in enumerate(zip(network.fixed_layers, factors)):
        layer, name = fixed.layer, _name(index)
        hardware = {"Strategy": strategy, "ReuseFactor": factor}
        types = {
            "weight": layer.precision.weight,
            "bias": layer.precision.bias,
            "accum": fixed.dense.accum,
            "result": fixed.dense.output,
        }
        names[name] = {"Precision": _texts(types), **hardware}
        # hls4ml puts a linear activation behind every Dense, of the default type, and drops it only if the types agree
        names[f"{name}_linear"] = {"Precision": _texts({"result": fixed.dense.output}), **hardware}
        if _has_activation(fixed):
            if layer.activation in ("sigmoid", "tanh"):  # hls4ml reads a table's type here only, not under Precision
                hardware |= {"TableSize": layer.precision.table_size, "TableT": str(layer.precision.table)}
            names[_activation_name(name)] = {"Precision": _texts({"result": fixed.output}), **hardware}
    model = {"Precision": {"default": "ap_fixed<16,6>"}, "ReuseFactor": design.reuse_factor, "Strategy": strategy}
    return {"Model": model, "LayerName": names}


def _explicit_keras_model(network: Network):
    """Return a Keras model with the quantised weights and each activation as a layer of its own, for its own type."""
    from codesign._keras import keras

    inputs = values = keras.Input((network.n_inputs,), name=_INPUT)
    weights = []
    for index, fixed in enumerate(network.fixed_layers):
        layer, name = fixed.layer, _name(index)
        values = keras.layers.Dense(layer.n_out, name=name)(values)
        if _has_activation(fixed):
            values = keras.layers.Activation(layer.activation, name=_activation_name(name))(values)
        weights += [layer.precision.weight.quantize(layer.kernel), layer.precision.bias.quantize(layer.bias)]
    model = keras.Model(inputs, values)
    model.set_weights([array.astype(np.float32) for array in weights])
    return model


def _has_activation(fixed) -> bool:
    return fixed.layer.activation != "linear" or fixed.output != fixed.dense.output


def _name(index: int) -> str:
    """Names of our own: a layer may be called what is no C++ identifier, or what hls4ml reserves."""
    return f"dense{index + 1}"


def _activation_name(name: str) -> str:
    return f"{name}_activation"


def _texts(types: dict) -> dict[str, str]:
    return {name: str(precision.envelope) for name, precision in types.items()}


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
