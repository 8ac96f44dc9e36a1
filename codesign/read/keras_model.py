"""What a Network is read from: the Keras model in a file or in one of the tool's products, its features, its
arithmetic."""

from collections.abc import Mapping
from os import PathLike

import numpy as np

from codesign._layer_graph import LayerGraph
from codesign._layer_walk import read_layer_graph
from codesign.errors import UnsupportedLayerError
from codesign.network import Network
from codesign.read.keras_calls import flat

_LONGEST_REASON = 200
_ROUNDING_ERRORS = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "float32": 2.0**-23, "float64": 2.0**-52}


def keras_model(model: object) -> object:
    """Return the Keras model in a file, a Drone or a ShrunkModel, or what was given if it is one itself."""
    if isinstance(model, (str, PathLike)):
        from codesign.train import load_model

        return load_model(model)
    if hasattr(model, "with_selection"):
        return model.with_selection()
    return model if hasattr(model, "layers") else getattr(model, "model", model)


def input_shapes(graph: LayerGraph) -> list[tuple[str, tuple[int, ...]]]:
    """Return name and shape of each input, without the events.

    Raises:
        UnsupportedLayerError: for a size that is left open.
    """
    for name, shape in graph.inputs.items():
        if not shape or None in shape:
            raise UnsupportedLayerError(
                f"model: expected inputs of which each size is known. Received: '{name}' of shape {(None, *shape)}; "
                "build the model again with keras.Input((n_features,)) or keras.Input((n_particles, n_features)), and "
                "copy the weights"
            )
    return list(graph.inputs.items())


class Predict:
    """A model as a function of events and outputs side by side, as a network's are.

    Args:
        model: a Keras model.
        network: read from it; it knows how they lie.
    """

    def __init__(self, model: object, network: Network) -> None:
        self.model, self.layout = model, network.input_layout

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events, n_outputs) for (n_events, n_inputs)."""
        parts = list(self.layout.split(x).values())
        dtypes = [str(getattr(tensor.dtype, "name", tensor.dtype)) for tensor in self.model.inputs]
        parts = [part.astype(dtype) if "int" in dtype else part for part, dtype in zip(parts, dtypes)]
        given = getattr(self.model, "_nested_inputs", getattr(self.model, "_inputs_struct", None))
        if isinstance(given, Mapping):
            parts = dict(zip(sorted(given), parts))
        outputs = flat(self._call(parts if len(parts) > 1 or isinstance(parts, dict) else parts[0]))
        return np.concatenate([np.asarray(one).reshape(len(x), -1) for one in outputs], 1)

    def _call(self, given: object) -> object:
        """What the model gives; its layers raise anything where they have no answer."""
        try:
            return self.model(given, training=False)
        except Exception as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:_LONGEST_REASON]
            raise UnsupportedLayerError(
                f"model: expected one that can be evaluated. Received: {reason}; mend what it names"
            ) from None


def rounding_error(model: object) -> float:
    """Return the relative rounding error of the least precise type that a model computes in."""
    used = {str(getattr(layer, "compute_dtype", None) or "float32") for layer in read_layer_graph(model).layers}
    return max(_ROUNDING_ERRORS.get(dtype, _ROUNDING_ERRORS["float32"]) for dtype in used)
