"""Read a Keras or QKeras model into a Network that computes the same."""

import warnings
from os import PathLike

import numpy as np

from codesign._layer_walk import read_layer_graph
from codesign.errors import HalfPrecisionWarning
from codesign.network import Network
from codesign.network.same_function import SINGLE, check_same_function
from codesign.read.files import read_file
from codesign.read.keras_model import Predict, input_shapes, keras_model, rounding_error
from codesign.read.live_records import record_graph
from codesign.read.record_network import read_records


def read_keras(
    model: object, x: np.ndarray | None = None, *, softmax: bool = False, standardisation: bool = False
) -> Network:
    """Read a Sequential or functional model of Keras 2 or 3, or a file of any model.

    Models inside it are opened, layers that are called several times become several nodes with the same constants, and
    there may be several inputs and outputs. The network's `predict` is the model's: QKeras quantizers round and
    saturate in it, and where they are, designs take their types. Batch normalisation, Normalization and Rescaling are
    folded into the dense layer before or behind them, TFMOT's pruning wrappers are opened, dropout and noise left out.
    A softmax at an output is cut off, since argmax needs none. What was read is compared with the model's own outputs
    on events that are drawn to reach every saturation. Nothing but Keras's and QKeras's own code is run: a Lambda or a
    layer of another package is refused.

    Args:
        model: a Keras model, a :class:`codesign.drone.Drone`, a :class:`codesign.compress.ShrunkModel`, or the path of
            the file of one of them.
        x: (n_events, n_inputs) events of the user's to compare on too, or what :meth:`codesign.Network.predict` takes;
            None: drawn ones only.
        softmax: keep a softmax at an output, as a node of its own; without, the network gives logits.
        standardisation: keep what standardises the inputs as an affine node, as exports want it; without, it is folded
            into what comes next.

    Raises:
        UnsupportedLayerError: for any other layer; it names the layer and says what to do.
        AgreementError: if the network's outputs are not the model's.
        DataError: for a file that is missing or cannot be read.

    Warns:
        HalfPrecisionWarning: for a model with mixed_float16 or the like.
    """
    if isinstance(model, (str, PathLike)):
        return read_file(model).design_network(softmax=softmax, standardisation=standardisation)
    model = keras_model(model)
    complete, network = read_unchecked(model, standardisation=standardisation)
    for events in (None,) if x is None else (None, x):
        check_same_function(complete, Predict(model, network), x=events, epsilon=rounding_error(model))
    if rounding_error(model) > SINGLE:
        said = "the model computes in half precision: the network has its weights, and not its rounding errors"
        warnings.warn(said, HalfPrecisionWarning, stacklevel=3)
    return complete if softmax else network


def read_unchecked(model: object, *, standardisation: bool = False) -> tuple[Network, Network]:
    """Return what :func:`read_keras` reads of a Keras model, with and without a softmax at an output, not compared."""
    shapes = dict(input_shapes(read_layer_graph(model)))
    return read_records(record_graph(model), shapes, standardisation=standardisation)
