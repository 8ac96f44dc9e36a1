"""Whatever file a trained network lies in, as a FloatChain."""

from dataclasses import replace
from os import PathLike
from pathlib import Path

from codesign._read import parse_json, read_text
from codesign.errors import ConfigError, UnreadableError
from codesign.export.float_chain import FloatChain
from codesign.export.lwtnn_json import read_json
from codesign.network import Network

_STANDARDISATION = ("offset", "scale")


def load_chain(path: str | PathLike, *, softmax: bool = False, **options: object) -> FloatChain:
    """Read a Keras model (``.h5``, ``.keras``), a Network's JSON, or lwtnn's JSON.

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
    if (chain.offset.any() or (chain.scale != 1).any()) and any(name in options for name in _STANDARDISATION):
        raise ConfigError(f"standardisation: expected none, since {path} holds one. Received: another; leave it out")
    layers = chain.layers
    if softmax:
        if layers[-1].activation != "linear":
            raise ConfigError(f"softmax: expected a linear last layer in {path}. Received: {layers[-1].activation}; leave it out")
        layers = (*layers[:-1], replace(layers[-1], activation="softmax"))
    kept = {name: getattr(chain, name) for name in (*_STANDARDISATION, "input_names", "output_names", "name", "input_quantizer")}
    return FloatChain(layers, **{**kept, **options})


def _read(path: Path) -> FloatChain:
    if path.suffix == ".json":
        return FloatChain.from_network(Network.load(path)) if _is_network(path) else read_json(path)
    from codesign.train import load_model

    return FloatChain.from_keras(load_model(path))


def _is_network(path: Path) -> bool:
    """Whatever is wrong with the file is left to the reader to say."""
    try:
        content = parse_json(read_text(path))
    except UnreadableError:
        return False
    return isinstance(content, dict) and "format" in content
