"""A FloatChain as a TFLite file, float or int8, for any number of events; and what runs such a file."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign._arguments import checked
from codesign._files import replace_file
from codesign.errors import DataError, UnsupportedLayerError
from codesign.export.float_chain import FloatChain
from codesign.export.rounding import Rounding
from codesign.export.tflite_standardise import put_standardisation_first

if TYPE_CHECKING:
    from codesign._keras import tf

_MOST_CALIBRATION_EVENTS = 2000


@checked
def write_tflite(chain: FloatChain, path: str | PathLike, *, int8: bool = False, x: np.ndarray | None = None) -> None:
    """Write the chain with float32 inputs, (events, n_inputs), and outputs, (events, n_outputs).

    Nothing is compared with the model: :func:`codesign.export_model` does that.
    LiteRT's minimum and maximum make an end of the range of NaN in a quantizer that saturates.

    Args:
        int8: weights, and values between the standardisation and the output, in 8 bits.
        x: (n_events, n_inputs), for int8: representative events, not standardised; they set the range of every layer. Values
            beyond it saturate. The first 2,000 are used.

    Raises:
        DataError: if int8 has no events or x has a wrong shape, NaN or inf; or if the place is not writable.
        UnsupportedLayerError: for int8 of a network that was trained with quantizers.
    """
    replace_file(path, tflite_content(chain, int8=int8, x=x), "the network")


def tflite_content(chain: FloatChain, *, int8: bool = False, x: np.ndarray | None = None) -> bytes:
    """Return what :func:`write_tflite` writes.

    The converter would fold the standardisation into the first layer, whose sums then cancel, and in int8 would quantise
    features of different scale with one scale: so it gets the layers alone, and the standardisation is put before them, in float.
    """
    if int8 and chain.has_quantizers:
        raise UnsupportedLayerError(
            "int8: expected a network that was trained without quantizers, since TFLite's int8 rounds values to steps of its own. "
            "Received: one with quantizers; write it in float, where they are exact"
        )
    events = _standardised(chain, x) if int8 else None
    content = convert(_layers(chain), chain.n_inputs, events=events)
    return put_standardisation_first(content, chain.offset, chain.scale)


def convert(
    function: Callable,
    n_inputs: int,
    *,
    owner: object = None,
    batch: int | None = None,
    events: np.ndarray | None = None,
) -> bytes:
    """Convert a function of TensorFlow from (events, n_inputs) float32 to outputs.

    Args:
        owner: what holds the function's variables, for example a Keras model.
        batch: events per call; None: any number.
        events: quantise to int8, with the ranges of these.
    """
    from codesign._keras import native_stderr_closed, tf

    traced = tf.function(function, input_signature=[tf.TensorSpec((batch, n_inputs), tf.float32)])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([traced.get_concrete_function()], owner or tf.Module())
    if events is None:
        return converter.convert()
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([event[None]] for event in events)
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
        details = interpreter.get_input_details()[0]
        interpreter.resize_tensor_input(details["index"], [batch, int(details["shape"][-1])])
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise DataError(f"model: expected a TFLite model. Received: {str(error).splitlines()[0]}") from None
    return interpreter


def predict_tflite(path: str | PathLike, x: np.ndarray) -> np.ndarray:
    """Evaluate x, (n_events, n_inputs), with LiteRT to (n_events, n_outputs) float32.

    Raises:
        DataError: for a missing file, or one that LiteRT cannot read.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"path: expected a TFLite file. Received: {path} ({error.strerror})") from None
    interpreter = load_interpreter(content, len(x))
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.ascontiguousarray(x, np.float32))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def _layers(chain: FloatChain) -> Callable:
    from codesign._keras import tf

    functions = {
        "linear": tf.identity,
        "relu": tf.nn.relu,
        "sigmoid": tf.sigmoid,
        "tanh": tf.tanh,
        "softmax": tf.nn.softmax,
    }

    def call(values: "tf.Tensor") -> "tf.Tensor":
        values = values if chain.input_rounding is None else _quantised(chain.input_rounding, values)
        for layer in chain.layers:
            values = functions[layer.activation](tf.matmul(values, layer.kernel) + layer.bias)
            values = values if layer.rounding is None else _quantised(layer.rounding, values)
        return values

    return call


def _quantised(rounding: Rounding, values: "tf.Tensor") -> "tf.Tensor":
    """``step * overflow(round(values * scale))``."""
    from codesign._keras import tf

    codes = values * rounding.scale
    if rounding.rounding == "RND_CONV":
        codes = tf.round(codes)
    else:
        codes = tf.floor(codes + 0.5 if rounding.rounding == "RND" else codes)
    if not rounding.wraps:
        return tf.minimum(tf.maximum(codes, rounding.low), rounding.high) * rounding.step
    turns = [rounding.span, rounding.span / 2] if (rounding.low < 0).any() else [rounding.span]
    for turn in turns:  # times the inverse: the converter's own of a division is not exact
        codes = codes - tf.floor(codes * (1 / turn)) * rounding.span
    return codes * rounding.step


def _standardised(chain: FloatChain, x: np.ndarray | None) -> np.ndarray:
    if x is None:
        raise DataError(
            "x: expected representative events, (n_events, n_inputs), for int8. Received: none; take training events"
        )
    x = np.asarray(x, np.float32)
    if x.ndim != 2 or x.shape[1] != chain.n_inputs or not len(x) or not np.isfinite(x).all():
        raise DataError(
            f"x: expected (n_events, {chain.n_inputs}) finite numbers. Received: shape {x.shape}, or NaN or inf"
        )
    return (x[:_MOST_CALIBRATION_EVENTS] + chain.offset) * chain.scale
