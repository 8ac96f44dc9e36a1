"""lwtnn's sequential format, written; :mod:`codesign.read.lwtnn.chain` says what it is."""

from codesign.export.lwtnn.quantizer import pack_quantizer
from codesign.export.single_chain import SingleChain, SingleLayer
from codesign.network import FixedPoint
from codesign.read.names import Names

_LWTNN_NAMES = {"relu": "rectified"}


def pack_chain(chain: SingleChain, names: Names) -> dict:
    """Return the content of a file, without its name."""
    standardisation = zip(names.inputs, chain.offset.tolist(), chain.scale.tolist())
    layers = (entry for layer in chain.layers for entry in _pack(layer))
    return {
        "inputs": [{"name": name, "offset": offset, "scale": scale} for name, offset, scale in standardisation],
        "layers": [*_pack_quantizer(chain.input_quantizer), *layers],
        "outputs": list(names.outputs),
    }


def _pack(layer: SingleLayer) -> list[dict]:
    dense = {
        "architecture": "dense",
        "activation": _LWTNN_NAMES.get(layer.activation, layer.activation),
        "weights": layer.kernel.T.ravel().tolist(),
        "bias": layer.bias.tolist(),
    }
    return [dense, *_pack_quantizer(layer.quantizer)]


def _pack_quantizer(quantizer: FixedPoint | None) -> list[dict]:
    return [] if quantizer is None else [pack_quantizer(quantizer)]
