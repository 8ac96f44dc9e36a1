"""Whatever a trained network is, or lies in, as a Network whose standardisation and softmax are nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike

import numpy as np

from codesign._arguments import checked
from codesign.errors import ConfigError
from codesign.export.agreement import Reference
from codesign.network import Network
from codesign.network.activations import softmax as softmax_of
from codesign.network.ends import split_standardisation, with_softmax, with_standardisation
from codesign.network.ops import Activation
from codesign.network.same_function import SINGLE
from codesign.read import Names, ReadOptions, read_file, read_object


@dataclass(frozen=True, eq=False)
class Source:
    """What is exported.

    Args:
        network: read from it.
        names: that it holds.
        reference: the user's own model, to compare with; None: the network is all there is.
    """

    network: Network
    names: Names = Names()
    reference: Reference | None = None

    @property
    def model(self) -> Reference:
        """What to compare with."""
        return self.reference or Reference(self.network.predict)


@checked
def load_network(
    model: object,
    *,
    softmax: bool = False,
    offset: np.ndarray | None = None,
    scale: np.ndarray | None = None,
    input_shapes: Mapping | Sequence | None = None,
) -> Network:
    """Read a file of any model, told apart by its content, or a live model.

    What standardises the inputs is an Affine node in front, a softmax an Activation node at the end. Nothing in a file
    is run, and the library that wrote it is not needed.

    Args:
        model: a path: Keras 2 and 3, QKeras, HGQ, a drone, an hls4ml project (its folder, or packed), ONNX and QONNX,
            a program of torch.export, TFLite, skops, XGBoost, LightGBM, lwtnn, a Network's JSON; or a model of Keras,
            PyTorch, scikit-learn, XGBoost, LightGBM or ONNX, a Drone, a ShrunkModel, or a Network.
        softmax: put one behind the last layer: a Network that was read for a design, whose decisions need none, holds
            none.
        offset, scale: (n_inputs,), of ``(x + offset) * scale`` to be put in front; None: nothing.
        input_shapes: of an event's values, by the name of the input, for sizes that a model leaves open; of one input
            just the shape.

    Raises:
        ConfigError: for a standardisation where the model already holds one, or a softmax behind another activation.
        DataError: for a missing or damaged file.
        UnsupportedLayerError: for a layer that is not supported; it names the layer.

    Example:
        >>> from codesign import export_model, keras, load_network
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, "softmax")])
        >>> _ = export_model(model, "tagger.json", check=0)
        >>> load_network("tagger.json").predict([[0.0, 0.0, 0.0, 0.0]]).tolist()
        [[0.5, 0.5]]
    """
    return load_source(model, softmax=softmax, offset=offset, scale=scale, input_shapes=input_shapes).network


def load_source(
    model: object,
    *,
    softmax: bool = False,
    offset: np.ndarray | None = None,
    scale: np.ndarray | None = None,
    input_shapes: Mapping | Sequence | None = None,
) -> Source:
    """Read a model as :func:`load_network` does, with the names it holds, and the model itself to compare with."""
    source = _read(model, ReadOptions(input_shapes))
    where = model if isinstance(model, (str, PathLike)) else "the model"
    network, standardises = source.network, not (offset is None and scale is None)
    if standardises and split_standardisation(network)[0]:
        raise ConfigError(f"standardisation: expected none, since {where} holds one. Received: another; leave it out")
    behind = next(node.op for node in network.nodes if node.name == network.outputs[0])
    if softmax and isinstance(behind, Activation) and behind.function != "linear":
        raise ConfigError(f"softmax: expected a linear last layer in {where}. Received: {behind.name}; leave it out")
    network = with_softmax(network) if softmax else network
    network = with_standardisation(network, offset, scale) if standardises else network
    reference = source.reference and _extended(source.reference, network, softmax=softmax, standardises=standardises)
    return replace(source, network=network, reference=reference)


def _extended(reference: Reference, network: Network, *, softmax: bool, standardises: bool) -> Reference:
    """What the file computes, behind the standardisation and before the softmax that were added to it."""
    affines = split_standardisation(network)[0] if standardises else {}

    def predict(x: np.ndarray) -> np.ndarray:
        values = network.input_layout.split(np.asarray(x, np.float64))
        standardised = network.input_layout.join(
            values | {name: affine.evaluate(values[name]) for name, affine in affines.items()}
        )
        outputs = np.asarray(reference.predict(standardised.astype(np.float32)), np.float64)
        return softmax_of(outputs) if softmax else outputs

    return Reference(predict, reference.epsilon)


def _read(model: object, options: ReadOptions) -> Source:
    if isinstance(model, Source):
        return model
    if isinstance(model, (str, PathLike)):
        reading = read_file(model, options)
        return Source(reading.network, reading.names)
    if isinstance(model, Network):
        return Source(model)
    reading = read_object(model, options)
    if reading is not None:
        return Source(reading.network, reading.names)
    from codesign.read.keras_model import Predict, keras_model, rounding_error
    from codesign.read.keras_reader import read_keras

    keras = keras_model(model)
    if not hasattr(keras, "layers"):
        cure = "; build the module, and load_state_dict()" if isinstance(model, dict) and model else ""
        raise ConfigError(
            "model: expected a file of a model, or a model of Keras, PyTorch, scikit-learn, XGBoost, LightGBM or ONNX, "
            f"a Drone, a ShrunkModel or a Network. Received: {type(model).__name__}{cure}"
        )
    network = read_keras(keras, softmax=True, standardisation=True)
    epsilon = max(SINGLE, rounding_error(keras))  # what is exported is float32, of a float64 model too
    return Source(network, reference=Reference(Predict(keras, network), epsilon))
