"""What a layer that has no place in a Network is told: its name, and what to do."""

from collections.abc import Mapping
from types import MappingProxyType

from codesign.errors import UnsupportedLayerError
from codesign.read.keras_calls import Call
from codesign.read.keras_records import PACKAGES, LayerRecord, Named

_CURE = (
    "a Network holds dense layers, convolutions, pooling, recurrent layers, attention, normalisation, activations, "
    "what merges or moves values, and Embedding; replace it, or cut the model before it"
)
_CURES: Mapping[str, str] = MappingProxyType(
    {
        "Lambda": "its Python code is not run on reading; use the layer that does the same (Rescaling, Reshape, ...)",
        **dict.fromkeys(
            ("LocallyConnected1D", "LocallyConnected2D"), "use a convolution, or Flatten and Dense, and train again"
        ),
    }
)


def refusal(call: Call, expected: str, received: str, cure: str | None = None) -> UnsupportedLayerError:
    """Return the error for a call whose settings have no place in a Network.

    Args:
        expected, received: for the message.
        cure: what to do; None: what a Network holds.
    """
    told = cure or _CURES.get(received) or _CURES.get(call.kind) or _CURE
    return UnsupportedLayerError(f"layer '{call.name}': expected {expected}. Received: {received}; {told}")


def refused_operation(call: Call) -> UnsupportedLayerError:
    """Return the error for an operation between layers, such as ``x ** 3``."""
    shown = str(call.config.get("function") or call.kind)
    cure = "use a Keras layer that does the same, or cut the model before it"
    return refusal(call, "an operation that a Network can hold", f"'{shown}' as it is called here", cure)


def unknown(call: Call) -> UnsupportedLayerError:
    """Return the error for a layer that is not read."""
    if is_foreign(call.layer):
        cure = "its Python code is not run on reading; build the model of layers of Keras and QKeras"
        return refusal(call, "a layer of Keras, QKeras or codesign", f"{call.kind} of '{call.layer.package}'", cure)
    return refusal(call, "a layer that a Network can hold", call.kind)


def check_quantizers(call: Call) -> None:
    """UnsupportedLayerError for a quantizer of weights from elsewhere than QKeras, whose code would be run to read
    it."""
    for name, quantizer in call.config.items():
        if name.endswith("_quantizer") and isinstance(quantizer, Named) and is_foreign(quantizer):
            raise refusal(call, "quantizers of QKeras", f"{name} '{quantizer.kind}'", "retrain with one")


def is_foreign(thing: LayerRecord | Named) -> bool:
    """Whether a layer, function or object is from elsewhere than Keras, QKeras and this package."""
    return thing.package not in PACKAGES
