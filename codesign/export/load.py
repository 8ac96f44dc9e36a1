"""Whatever file a trained network lies in, as a FloatChain."""

from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._untrusted import parse_json, read_text
from codesign.errors import ConfigError, DataError, UnreadableError
from codesign.export.float_chain import FloatChain, Reference, activate
from codesign.export.lwtnn_json import read_json
from codesign.model_files import identify
from codesign.network import Network

_STANDARDISATION = ("offset", "scale")


def load_chain(path: str | PathLike, *, softmax: bool = False, **options: object) -> FloatChain:
    """Read a Keras model (``.h5``, ``.keras``; a drone's and a shrunk model's too), a Network's JSON, or lwtnn's JSON.

    The model in the file is the chain's `reference`, with the softmax and the standardisation that the options add.

    Args:
        softmax: put one behind the last layer: a Network, whose decisions need none, holds none.
        options: of :class:`FloatChain`: ``offset``, ``scale``, ``input_names``, ``output_names``, ``name``.

    Raises:
        ConfigError: for a standardisation where the file already holds one, or a softmax behind another activation.
        DataError: for a missing or damaged file.
        UnsupportedLayerError: for a layer that is not supported; it names the layer.
    """
    path = Path(path)
    chain = _read(path)
    options = {name: value for name, value in options.items() if value is not None}
    if chain.standardises and any(name in options for name in _STANDARDISATION):
        raise ConfigError(f"standardisation: expected none, since {path} holds one. Received: another; leave it out")
    if softmax and chain.layers[-1].activation != "linear":
        raise ConfigError(f"softmax: expected a linear last layer in {path}. Received: {chain.layers[-1].activation}; leave it out")
    loaded = replace(chain.with_softmax() if softmax else chain, **options)
    if chain.reference is None:
        return loaded
    standardises = any(name in options for name in _STANDARDISATION)
    return replace(loaded, reference=_extended(chain.reference, loaded, softmax=softmax, standardises=standardises))


def _extended(reference: Reference, chain: FloatChain, *, softmax: bool, standardises: bool) -> Reference:
    """What the file computes, behind the standardisation and before the softmax that were added to it."""

    def predict(x: np.ndarray) -> np.ndarray:
        standardised = (np.asarray(x, np.float64) + chain.offset) * chain.scale if standardises else x
        outputs = np.asarray(reference.predict(np.asarray(standardised, np.float32)), np.float64)
        return activate("softmax", outputs) if softmax else outputs

    return Reference(predict, reference.epsilon)


def _read(path: Path) -> FloatChain:
    if path.suffix == ".json" and not _is_of_others(path):
        if not _is_network(path):
            return read_json(path)
        network = Network.load(path)
        return FloatChain.from_network(network, reference=Reference(network.predict))
    return FloatChain.from_keras(path)


def _is_of_others(path: Path) -> bool:
    """Whether the file is a whole model that no reader of JSON here takes, such as a Booster of XGBoost."""
    try:
        return identify(path).kind not in ("network", "lwtnn", "json")
    except DataError:
        return False


def _is_network(path: Path) -> bool:
    """Whatever is wrong with the file is left to the reader to say."""
    try:
        content = parse_json(read_text(path))
    except UnreadableError:
        return False
    return isinstance(content, dict) and "format" in content
