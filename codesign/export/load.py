"""Whatever a trained network is, or lies in, as a FloatChain."""

from dataclasses import replace
from os import PathLike

import numpy as np

from codesign._arguments import checked
from codesign.errors import ConfigError, UnsupportedLayerError
from codesign.export.float_chain import FloatChain, Reference
from codesign.export.lwtnn_json import read_json
from codesign.model_files import identify
from codesign.network import Network, activations

_STANDARDISATION = ("offset", "scale")


@checked
def load_chain(model: object, *, softmax: bool = False, **options: object) -> FloatChain:
    """Read a file of a Keras model (``.h5``, ``.keras``; a drone's and a shrunk model's too), of a Network or of lwtnn, or a model.

    The model is the chain's `reference`, with the softmax and the standardisation that the options add.

    Args:
        model: a path, a Keras model, a Drone, a ShrunkModel, a Network, or a FloatChain.
        softmax: put one behind the last layer: a Network, whose decisions need none, holds none.
        options: of :class:`FloatChain`: ``offset``, ``scale``, ``input_names``, ``output_names``, ``name``.

    Raises:
        ConfigError: for a standardisation where the model already holds one, or a softmax behind another activation.
        DataError: for a missing or damaged file.
        UnsupportedLayerError: for a layer that is not supported; it names the layer.
    """
    chain = _read(model)
    where = model if isinstance(model, (str, PathLike)) else "the model"
    options = {name: value for name, value in options.items() if value is not None}
    standardises = any(name in options for name in _STANDARDISATION)
    if chain.standardises and standardises:
        raise ConfigError(f"standardisation: expected none, since {where} holds one. Received: another; leave it out")
    if softmax and chain.layers[-1].activation != "linear":
        raise ConfigError(
            f"softmax: expected a linear last layer in {where}. Received: {chain.layers[-1].activation}; leave it out"
        )
    loaded = replace(chain.with_softmax() if softmax else chain, **options)
    if chain.reference is None:
        return loaded
    return replace(loaded, reference=_extended(chain.reference, loaded, softmax=softmax, standardises=standardises))


def load_own(path: str | PathLike, *, what: str = "model") -> Network | FloatChain | None:
    """Read the JSON of a Network, or of lwtnn, told apart by content; None: the file is something else.

    Args:
        what: for messages: which argument it was given for.

    Raises:
        DataError: for a missing or damaged file.
        UnsupportedLayerError: for a layer that is not supported; it names the layer.
    """
    kind = identify(path, what=what).kind
    if kind == "network":
        return Network.load(path)
    return read_json(path) if kind in ("lwtnn", "json") else None  # the reader says what JSON of another kind lacks


def load_network(path: str | PathLike, *, what: str = "model") -> Network | None:
    """Read what :func:`load_own` does as a Network: the standardisation in its first layer, a final softmax cut off.

    Args:
        what: for messages: which argument it was given for.

    Raises:
        DataError, UnsupportedLayerError: as :func:`load_own`; also for a quantizer behind a standardisation.
    """
    found = load_own(path, what=what)
    if not isinstance(found, FloatChain):
        return found
    network = found.network
    if not found.standardises:
        return network
    if found.input_quantizer is not None:
        expected = f"{what}: expected a standardisation that can be folded into the first layer"
        raise UnsupportedLayerError(
            f"{expected}. Received: a quantizer between the two in {path}; give the Keras model"
        )
    kernel, bias = found.folded()
    return network.with_layers((replace(network.layers[0], kernel=kernel, bias=bias), *network.layers[1:]))


def _extended(reference: Reference, chain: FloatChain, *, softmax: bool, standardises: bool) -> Reference:
    """What the file computes, behind the standardisation and before the softmax that were added to it."""

    def predict(x: np.ndarray) -> np.ndarray:
        standardised = (np.asarray(x, np.float64) + chain.offset) * chain.scale if standardises else x
        outputs = np.asarray(reference.predict(np.asarray(standardised, np.float32)), np.float64)
        return activations.softmax(outputs) if softmax else outputs

    return Reference(predict, reference.epsilon)


def _read(model: object) -> FloatChain:
    found = load_own(model) if isinstance(model, (str, PathLike)) else model
    if isinstance(found, FloatChain):
        return found
    if isinstance(found, Network):
        return FloatChain.from_network(found, reference=Reference(found.predict))
    return FloatChain.from_keras(model)
