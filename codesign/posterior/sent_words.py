"""The words of a detector that a PosteriorDense takes: what of a layer DetectorWords reaches each of its inputs."""

from collections.abc import Mapping

import numpy as np

from codesign._layer_graph import INERT, LayerCall
from codesign.layers import DetectorWords
from codesign.layers.posterior.input_rounding import SentInputs

_MOVES = ("Concatenate", "Cropping1D", "Flatten", "Permute", "RepeatVector", "Reshape", "SlicingOpLambda")


def sent_inputs(calls: Mapping[str, LayerCall], names: list[str]) -> SentInputs | None:
    """Return the words that values along their last axis are, or None where something else has a part in one of them.

    At several places an input may be several words: then the finest step is that of all, and so is the range. Of an
    offset that is no whole number of steps, truncation drops the rest.

    Args:
        calls: of a model, by name.
        names: of the values, of one size along the last axis.
    """
    found = [_words_of(calls, name) for name in names]
    if not found or any(one is None for one in found):
        return None
    rows = [np.concatenate([one[part].reshape(-1, one[part].shape[-1]) for one in found]) for part in range(3)]
    offset, finest, span = rows
    offset = np.ceil(offset / finest) * finest
    if not (offset == offset[0]).all():
        return None
    coarsest = np.maximum(finest, 1.0).min(0)
    return SentInputs(offset[0], np.minimum(finest.min(0), coarsest), coarsest, span.max(0))


def _words_of(calls: Mapping[str, LayerCall], name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Offset, lowest bit and range of each element of a value, of its shape."""
    call = calls.get(name)
    if call is None:
        return None
    if isinstance(call.layer, DetectorWords):
        kind = call.layer.precision
        parts = -call.layer.shift, 2.0 ** -np.asarray(kind.fraction), 2.0 ** np.asarray(kind.integer)
        return tuple(np.broadcast_to(part, call.shape) for part in parts)
    if call.kind not in (*INERT, *_MOVES):
        return None
    taken = [_words_of(calls, one) for one in call.inputs]
    if any(one is None for one in taken):
        return None
    return tuple(_moved(call, [one[part] for one in taken]) for part in range(3))


def _moved(call: LayerCall, values: list[np.ndarray]) -> np.ndarray:
    args, options = call.arguments([value[np.newaxis].astype(np.float32) for value in values])
    return np.asarray(call.layer(*args, **options), np.float64)[0]
