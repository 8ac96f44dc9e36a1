"""Names for the weights of HGQ's layers, which a .keras file numbers."""

from dataclasses import replace
from types import MappingProxyType

from codesign.read.keras_records import LayerRecord

_TRAINED = ("kernel", "bias", "kernel_bw", "activation_bw", "bn_beta", "bn_gamma")
_NUMBERED = MappingProxyType(
    {
        **dict.fromkeys(("HQuantize", "HActivation", "HAdd"), ("activation_bw",)),
        "HBatchNormalization": ("kernel_bw", "activation_bw", "bn_beta", "bn_gamma"),
        "FixedPointQuantizer": ("keep_negative", "bits", "integers"),
        "UnaryLUT": ("table",),
    }
)


def named_weights(record: LayerRecord) -> LayerRecord:
    """The record with names for weights that a .keras file numbers: trained ones first."""
    numbered = {int(path.removeprefix("vars/")): array for path, array in record.weights.items()
                if path.removeprefix("vars/").isdigit()}  # fmt: skip
    if not numbered:
        return record
    names = list(_NUMBERED.get(record.kind, _TRAINED))
    has = {"bias": "use_bias", "bn_beta": "center", "bn_gamma": "scale"}
    if record.kind in ("HDense", "HConv1D", "HConv2D"):
        names = names[:4]
    names = [name for name in names if record.config.get(has.get(name, ""), True)]
    arrays = [numbered[number] for number in sorted(numbered)]
    found = dict(zip(names, arrays))
    moments = [name for name, key in (("moving_mean", "center"), ("moving_variance", "scale"))
               if record.config.get(key, True)]  # fmt: skip
    if record.kind.endswith(("BatchNorm", "BatchNormalization")) and moments:
        found |= dict(zip(moments, arrays[-len(moments) :]))
    return replace(record, weights=found)
