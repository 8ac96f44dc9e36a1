"""The variables of HGQ2's layers by short names, ``kernel`` and ``iq/f``, whatever kind of file they are from.

A ``.keras`` file numbers them: trained ones first, in the order in which the layer makes them; ``.h5`` files and models
in memory have paths of names.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.read.keras_records import LayerRecord, Named

_NUMBER = re.compile(r"_\d+$")
_NUMBERED = re.compile(r"(?:(.*?)/)?(?:vars/)(\d+)")
_QUANTIZER = re.compile(r"(?:fixed|float)_point_quantizer(?:_k(?:bi|if))?(?:_\d+)?")
_OF_SEVERAL = re.compile(r"quantizer(?:_(\d+))?")
_PREFIXES = {"exp_table": "exp_", "inv_table": "inv_", "softmax": "softmax_"}
_TABLE_MODES = {"overflow_mode": "SAT", "round_mode": "RND_CONV"}  # whatever is given to a QSoftmax
_WORDS = {
    "multiple_quantizers": "iq",
    "q_softmax": "softmax",
    "_softmax": "softmax",
    "output_dense": "attention_output",
    **{f"{name}_dense": name for name in ("query", "key", "value")},
}
_COSTS = ("beta", "ebops")
_MOMENTS = ("moving_mean", "moving_variance")

# Of a layer: what is trained, in order; and what is not, behind the two numbers of the cost.
_TRAINED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("QDense", "QEinsumDense", "QConv1D", "QConv2D", "QConv3D"), ("kernel", "bias")),
    "QBatchNormDense": ("kernel", "bias", "bn_gamma"),
    "QEinsumDenseBatchnorm": ("kernel", "bias", "gamma"),
    "QBatchNormalization": ("bn_gamma", "bn_beta"),
    "QAffinedUnaryFunctionLUT": ("scale", "bias"),
}


def variables_of(record: LayerRecord) -> dict[str, np.ndarray]:
    """Return the variables by their short names: ``kernel``, ``iq/f``, ``iq/1/k``, ``exp_table/oq/b``.

    Raises:
        UnsupportedLayerError: for a layer whose variables are other than those that its configuration makes.
    """
    numbered: dict[str, dict[int, np.ndarray]] = {}
    found: dict[str, np.ndarray] = {}
    for path, array in record.weights.items():
        match = _NUMBERED.fullmatch(path)
        if match:
            numbered.setdefault(match[1] or "", {})[int(match[2])] = array
        else:
            found[_short(path, record.name)] = array
    for place, arrays in numbered.items():
        parts = [part for part in place.split("/") if part]
        names = _names(record, parts, len(arrays))
        if len(names) != len(arrays):
            wanted = ", ".join(names) or "none"
            raise UnsupportedLayerError(
                f"layer '{record.name}': expected the variables {wanted} of {place or record.kind}. Received: "
                f"{len(arrays)}; save the whole model with HGQ2 0.1 or 0.2"
            )
        front = "/".join(_place(parts))
        ordered = [arrays[number] for number in sorted(arrays)]
        found |= {f"{front}/{name}".lstrip("/"): array for name, array in zip(names, ordered)}
    return _with_numbers(found)


def _short(path: str, layer: str) -> str:
    """``exp_table/iq/f`` of ``sm_exp_table/sm_exp_table_iq/fixed_point_quantizer_kif_6/f`` in the layer ``sm``."""
    parts, before = [], layer
    for part in path.split("/"):
        if not _QUANTIZER.fullmatch(part):
            parts.append(part.removeprefix(f"{before}_") if before else part)
            before = part
    if len(parts) == 2 and _OF_SEVERAL.fullmatch(parts[0]):  # of a QDenseT, the only one without a name
        parts[0] = "toq"
    return "/".join(_word(part) for part in parts)


def _word(part: str) -> str:
    """What a part of a layer is called here; files name it after an attribute, or after a layer that Keras counts."""
    part = re.sub(r"^(q_softmax|multiple_quantizers)_\d+$", r"\1", part)
    return _WORDS.get(part, part)


def _place(parts: Sequence[str]) -> list[str]:
    """``iq`` of ``iq/quantizer``, and ``iq/quantizer_1`` of ``iq/quantizers/quantizer_1/quantizer``."""
    kept = [_word(part) for part in parts if part != "quantizers"]
    return kept[:-1] if kept and kept[-1] == "quantizer" else kept


def _with_numbers(found: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Several quantizers of inputs as ``iq/0``, ``iq/1``: Keras counts them through the model, in their order."""
    counted: dict[str, set[int]] = {}
    for name in found:
        front, number = _of_several(name)
        if front is not None:
            counted.setdefault(front, set()).add(number)
    result = {}
    for name, array in found.items():
        front, number = _of_several(name)
        last = name.rpartition("/")[2]
        result[name if front is None else f"{front}/{sorted(counted[front]).index(number)}/{last}"] = array
    return result


def _of_several(name: str) -> tuple[str | None, int]:
    parts = name.split("/")
    match = _OF_SEVERAL.fullmatch(parts[-2]) if len(parts) >= 3 else None
    return ("/".join(parts[:-2]), int(match[1] or 0)) if match else (None, 0)


def _names(record: LayerRecord, parts: Sequence[str], number: int) -> list[str]:
    """What the variables of one place are called, in their order."""
    if parts and parts[-1] == "quantizer":
        return _quantizer_names(config_of(record, _place(parts)))
    kind = _INNER.get(_NUMBER.sub("", _word(parts[-1])), "QEinsumDense") if parts else record.kind
    return _layer_names(kind, record.config if not parts else {}, number)


_INNER = {
    "bn_module": "BatchNormalization",
    "einsum_dense": "EinsumDense",
    **dict.fromkeys(("exp_table", "inv_table"), "QUnaryFunctionLUT"),
    "softmax": "QSoftmax",
}


def _layer_names(kind: str, config: Mapping[str, object], number: int) -> list[str]:
    if kind == "EinsumDense":
        return ["kernel", "bias"][:number]
    if kind == "BatchNormalization":
        return [*("gamma", "beta")[: number - 2], *_MOMENTS]
    trained = list(_TRAINED.get(kind, ()))
    if kind in ("QDense", "QConv1D", "QConv2D", "QConv3D") and not config.get("use_bias", True):
        trained.remove("bias")
    if kind == "QEinsumDense" and config.get("bias_axes", "?") is None:
        trained.remove("bias")
    if not config.get("scale", True):
        trained = [name for name in trained if name not in ("gamma", "bn_gamma")]
    if not config.get("center", True) and kind == "QBatchNormalization":
        trained.remove("bn_beta")
    moments = list(_MOMENTS) if "atch" in kind else []
    rest = [*moments, *_COSTS] if kind == "QBatchNormalization" else [*_COSTS, *moments]
    names = [*trained, *rest]
    if len(names) - number == len(_COSTS):  # enable_ebops=False, or not counted at this place
        names = [name for name in names if name not in _COSTS]
    if kind == "QEinsumDense" and number % 2:  # of an attention's keys, which need no bias
        names.remove("bias")
    return names[:1] if number == 1 else names


def _quantizer_names(config: Named) -> list[str]:
    wraps = str(config.config.get("overflow_mode", "WRAP")).upper() == "WRAP"
    match str(config.config.get("q_type")).lower():
        case "kbi":
            return ["b", "k", "i", "i_decay_speed"] if wraps else ["b", "i", "k"]
        case "kif":
            return ["f", "k", "i", "i_decay_speed"] if wraps else ["i", "f", "k"]
        case "float":
            return ["m", "e", "e0"]
    return []


def config_of(record: LayerRecord, place: Sequence[str]) -> Named:
    """Return the configuration of the quantizer at a place: ``["iq"]``, ``["exp_table", "oq"]``, ``["iq", "1"]``.

    Raises:
        UnsupportedLayerError: if the layer's configuration has none.
    """
    if not place:  # the layer is a quantizer
        return _as_config(record, record.config.get("config"), place)
    *front, last = place
    several = re.fullmatch(r"(?:quantizer_?)?(\d*)", last)
    if several:
        *front, last = front
    prefix = "".join(_PREFIXES.get(part, "qkvo_") for part in front)
    named = record.config.get(f"{prefix}{last}_conf{'s' * bool(several)}")
    if isinstance(named, (list, tuple)):
        named = named[min(int(several[1] or 0), len(named) - 1)] if several and named else None
    named = _as_config(record, named, place)
    if last == "oq" and front and front[-1] in ("exp_table", "inv_table"):
        return replace(named, config={**named.config, **_TABLE_MODES})
    return named


def _as_config(record: LayerRecord, named: object, place: Sequence[str]) -> Named:
    if not isinstance(named, Named):
        raise UnsupportedLayerError(
            f"layer '{record.name}': expected the configuration of its quantizer {'/'.join(place)}. Received: none; "
            "save the whole model with HGQ2 0.1 or 0.2"
        )
    return named
