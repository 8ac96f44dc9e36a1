"""What layers between dense ones do to channels, the last axis of a value: for folding and for shrinking."""

from collections.abc import Mapping
from types import MappingProxyType

from codesign._layer_graph import INERT
from codesign.compress.steps import OtherStep

MERGES = ("Add", "Subtract", "Average", "Multiply", "Maximum", "Minimum")
_LINEAR_MERGES = ("Add", "Subtract", "Average")
_SYMBOLS = {  # what operators on symbolic tensors are called
    "__operators__.add": "Add",
    "math.add": "Add",
    "math.subtract": "Subtract",
    "math.multiply": "Multiply",
    "math.maximum": "Maximum",
    "math.minimum": "Minimum",
}

_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "inert": INERT,
        "elementwise": ("Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "QActivation"),
        "batch normalisation": ("BatchNormalization",),
        "mean over other axes": (
            "GlobalAveragePooling1D",
            "GlobalAveragePooling2D",
            "AveragePooling1D",
            "AveragePooling2D",
            "RepeatVector",
            "Cropping1D",
            "UpSampling1D",
        ),
        "maximum over other axes": ("GlobalMaxPooling1D", "GlobalMaxPooling2D", "MaxPooling1D", "MaxPooling2D"),
        "linear merge": _LINEAR_MERGES,
        "merge": tuple(name for name in MERGES if name not in _LINEAR_MERGES),
        "concatenate": ("Concatenate",),
        "reshape": ("Flatten", "Reshape"),
        "permute": ("Permute",),
        "all": ("Dot", "Embedding", "SlicingOpLambda"),
    }
)
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}


def kind_of(step: OtherStep, n_inputs: int) -> str:
    """Return what a layer of `n_inputs` inputs does to channels; "mixing" for what is not in the table.

    ``all`` needs every channel of what it takes, and gives channels that have nothing to do with them.
    """
    layer, name = step.layer, step.kind
    if name == "TFOpLambda":
        name = _SYMBOLS.get(layer.symbol, name)
        if name in MERGES and n_inputs == 1:
            return "all"  # with a number, or an array of one number per channel
    if getattr(layer, "data_format", None) == "channels_first" or is_mixing(getattr(layer, "activation", None)):
        return "mixing"
    if name == "BatchNormalization" and tuple(layer.axis) != (layer.input_spec.ndim - 1,):
        return "mixing"
    return _KIND_OF.get(name, "mixing")


def is_mixing(activation: object) -> bool:
    """Whether an activation of one channel depends on the others."""
    return getattr(activation, "__name__", "") in ("softmax", "log_softmax")
