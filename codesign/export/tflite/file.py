"""A Network as a TFLite file, float or int8, for any number of events; and what runs such a file."""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign._arguments import checked
from codesign._files import replace_file
from codesign.errors import DataError, UnsupportedLayerError
from codesign.export.op_table import function_of
from codesign.export.single_precision import in_single_precision, shift_and_scale
from codesign.export.tflite.ends import put_ends
from codesign.export.tflite.functions import ACTIVATIONS
from codesign.export.tflite.ops import FUNCTIONS
from codesign.network import Layout, Network
from codesign.network.ends import split_standardisation, with_affines
from codesign.network.ops import Quantize, Shape

if TYPE_CHECKING:
    from codesign._keras import tf

_MOST_CALIBRATION_EVENTS = 2000
_CURE = "generate C++, or write ONNX"


@checked
def write_tflite(network: Network, path: str | PathLike, *, int8: bool = False, x: np.ndarray | None = None) -> None:
    """Write the network with its inputs and outputs by name and in order, float32, ``(events, *shape)`` each.

    Nothing is compared with the model: :func:`codesign.export_model` does that.
    LiteRT's minimum and maximum make an end of the range of NaN in a quantizer that saturates.

    Args:
        int8: weights, and values between the standardisation and the output, in 8 bits.
        x: (n_events, n_inputs), for int8: representative events, not standardised; they set the range of every layer.
            Values beyond it saturate. The first 2,000 are used.

    Raises:
        DataError: if int8 has no events or x has a wrong shape, NaN or inf; or if the place is not writable.
        UnsupportedLayerError: for an op that TFLite lacks, or int8 of a network that was trained with quantizers.

    Example:
        >>> from pathlib import Path
        >>> from codesign import DenseLayer, Network, write_tflite
        >>> write_tflite(Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.0])]), "tagger.tflite")
        >>> Path("tagger.tflite").exists()
        True
    """
    replace_file(path, tflite_content(network, int8=int8, x=x), "the network")


def tflite_content(network: Network, *, int8: bool = False, x: np.ndarray | None = None) -> bytes:
    """Return what :func:`write_tflite` writes.

    The converter would fold the standardisation into the first layer, whose sums then cancel, and in int8 would
    quantise
    features of different scale with one scale: so it gets what follows alone, and the standardisation is put before
        it, in float.
    """
    if int8 and any(isinstance(node.op, Quantize) for node in network.nodes):
        raise UnsupportedLayerError(
            "int8: expected a network that was trained without quantizers, since TFLite's int8 rounds values to "
            "steps of its own. Received: one with quantizers; write it in float, where they are exact"
        )
    affines, rest = split_standardisation(in_single_precision(network))
    found = {name: shift_and_scale(affine) for name, affine in affines.items()}
    front = {name: shifted for name, shifted in found.items() if shifted is not None}
    rest = with_affines(rest, {name: affine for name, affine in affines.items() if name not in front})
    events = _calibration(network, front, x) if int8 else None
    content = convert(_function(rest), rest.input_layout.shapes, events=events)
    return put_ends(content, [one.name for one in network.inputs], network.outputs, front)


def convert(
    function: Callable,
    shapes: Mapping[str, Shape],
    *,
    owner: object = None,
    batch: int | None = None,
    events: Mapping[str, np.ndarray] | None = None,
) -> bytes:
    """Convert a function of TensorFlow of float32 inputs.

    Args:
        shapes: of the inputs by name, events not counted.
        owner: what holds the function's variables, for example a Keras model.
        batch: events per call; None: any number.
        events: ``(n_events, *shape)`` by input: quantise to int8, with the ranges of these.
    """
    from codesign._keras import native_stderr_closed, tf

    inputs = [tf.TensorSpec((batch, *shape), tf.float32, f"in{index}") for index, shape in enumerate(shapes.values())]
    traced = tf.function(function, input_signature=inputs)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([traced.get_concrete_function()], owner or tf.Module())
    if events is None:
        return converter.convert()
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    values = [events[name] for name in shapes]
    converter.representative_dataset = lambda: ([value[None] for value in event] for event in zip(*values))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    with native_stderr_closed():  # the quantiser's progress
        return converter.convert()


def load_interpreter(content: bytes, batch: int) -> object:
    """Return LiteRT's interpreter for calls of `batch` events, one thread, ready to be invoked.

    Raises:
        DataError: for content that LiteRT cannot read.
    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        interpreter = Interpreter(model_content=content, num_threads=1)
        for details in interpreter.get_input_details():
            interpreter.resize_tensor_input(details["index"], [batch, *map(int, details["shape"][1:])])
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise DataError(f"model: expected a TFLite model. Received: {str(error).splitlines()[0]}") from None
    return interpreter


def predict_tflite(path: str | PathLike, x: np.ndarray) -> np.ndarray:
    """Evaluate x, (n_events, n_inputs), the inputs side by side, with LiteRT to (n_events, n_outputs) float32.

    Raises:
        DataError: for a missing file, or one that LiteRT cannot read.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"path: expected a TFLite file. Received: {path} ({error.strerror})") from None
    interpreter = load_interpreter(content, len(x))
    inputs = interpreter.get_input_details()
    layout = Layout({str(one["index"]): tuple(map(int, one["shape"][1:])) for one in inputs})
    for one, values in zip(inputs, layout.split(np.ascontiguousarray(x, np.float32)).values()):
        interpreter.set_tensor(one["index"], values)
    interpreter.invoke()
    outputs = [interpreter.get_tensor(one["index"]) for one in interpreter.get_output_details()]
    return np.concatenate([values.reshape(len(x), -1) for values in outputs], 1)


def _function(network: Network) -> Callable:
    calls = {node.name: function_of(node, FUNCTIONS, "TFLite", _CURE, functions=ACTIVATIONS) for node in network.nodes}

    def call(*inputs: "tf.Tensor") -> "Sequence[tf.Tensor]":
        shapes, values = network.shapes, dict(zip(network.input_layout.shapes, inputs))
        for node in network.nodes:
            taken, given = [values[one] for one in node.inputs], [shapes[one] for one in node.inputs]
            values[node.name] = calls[node.name](node.op, taken, given)
        return [values[name] for name in network.outputs]

    return call


def _calibration(
    network: Network, front: Mapping[str, tuple[np.ndarray, np.ndarray]], x: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Return standardised events by input."""
    if x is None:
        raise DataError(
            "x: expected representative events, (n_events, n_inputs), for int8. Received: none; take training events"
        )
    x = np.asarray(x, np.float32)
    if x.ndim != 2 or x.shape[1] != network.n_inputs or not len(x) or not np.isfinite(x).all():
        raise DataError(
            f"x: expected (n_events, {network.n_inputs}) finite numbers. Received: shape {x.shape}, or NaN or inf"
        )
    values = network.input_layout.split(x[:_MOST_CALIBRATION_EVENTS])
    return values | {name: (values[name] + offset) * scale for name, (offset, scale) in front.items()}
