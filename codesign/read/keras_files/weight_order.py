"""Which weights each kind of layer has, in the order in which Keras stores them: files have no better names."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

Config = Mapping[str, object]
Slots = tuple[tuple[str, bool], ...]  # name, and whether it is trainable

_PRUNING = ("mask", "threshold", "pruning_step")
_ATTENTION = ("query", "key", "value", "attention_output")


def slots(kind: str, config: Config) -> Slots | None:
    """Return the weights of a layer's own, those of layers inside it left out; None for a layer that is not known.

    Args:
        kind: name of its class.
        config: in the words of Keras 2 or 3.
    """
    found = _SLOTS.get(kind)
    return None if found is None else found(config)


def recurrent(kind: str) -> bool:
    """Whether a layer's weights are those of a cell inside it."""
    return kind in _RECURRENT


def sublayers(kind: str) -> Mapping[str, str]:
    """Names of groups of a .keras file by the first part of the names of weights that lie in them."""
    if kind == "MultiHeadAttention":
        return {name: f"{'output' if name == 'attention_output' else name}_dense" for name in _ATTENTION}
    if kind == "TableSum":
        return {name: name for name in _TABLE_SUM}
    return {"batchnorm": "batchnorm"} if kind in _FOLDED else {}


def _trained(*names: str) -> Callable[[Config], Slots]:
    return lambda config: tuple((name, True) for name in names)


def _fixed(*names: str) -> Callable[[Config], Slots]:
    return lambda config: tuple((name, False) for name in names)


def _with_bias(*names: str) -> Callable[[Config], Slots]:
    return lambda config: _trained(*names, *(["bias"] if config.get("use_bias", True) else []))(config)


def _normalised(config: Config) -> Slots:
    """What layer and group normalisation scale by."""
    names = [name for name, key in (("gamma", "scale"), ("beta", "center")) if config.get(key, True)]
    return _trained(*names)(config)


def _batch_normalised(config: Config) -> Slots:
    return (*_normalised(config), ("moving_mean", False), ("moving_variance", False))


def _folded(*names: str) -> Callable[[Config], Slots]:
    """A QKeras layer with its batch normalisation inside."""

    def found(config: Config) -> Slots:
        inside = tuple((f"batchnorm/{name}", trained) for name, trained in _batch_normalised(config))
        return (*_with_bias(*names)(config), ("iteration", False), *inside)

    return found


def _adapted(config: Config) -> Slots:
    return () if config.get("mean") is not None else _fixed("mean", "variance", "count")(config)


def _attention(config: Config) -> Slots:
    parts = ("kernel", "bias") if config.get("use_bias", True) else ("kernel",)
    return tuple((f"{name}/{part}", True) for name in _ATTENTION for part in parts)


def _scaled(config: Config) -> Slots:
    return (("scale", True),) if config.get("use_scale") else ()


def _einsum(config: Config) -> Slots:
    return _trained("kernel", *(["bias"] if config.get("bias_axes") else []))(config)


def _dense_and(*trained: str, fixed: tuple[str, ...] = ()) -> Callable[[Config], Slots]:
    """A training layer of this package."""
    return lambda config: (*_with_bias("kernel")(config), *_trained(*trained)(config), *_fixed(*fixed)(config))


def _posterior(config: Config) -> Slots:
    learns_noise = config.get("input_precision") is None
    return (*_dense_and("log_sigma2")(config), ("log_tau2", learns_noise), *_fixed(*_COLLAPSE)(config))


def _keys(config: Config) -> Slots:
    return (("shift", bool(config.get("train_thresholds", True))),) if config.get("thresholds") else ()


def _leaves(config: Config) -> Slots:
    return (("leaves", bool(config.get("train_leaves", True))),)


def _offset(config: Config) -> Slots:
    return (("offset", True),) if config.get("use_offset", True) else ()


def _table_sum(config: Config) -> Slots:
    parts = zip(_TABLE_SUM, (_keys(config), _leaves(config), (("offset", True),)))
    return tuple((f"{part}/{name}", trained) for part, found in parts for name, trained in found)


_TABLE_SUM = ("keys", "lookup", "sums")
_COLLAPSE = (
    *("mean_square", "cost_scale", "frozen", "fixed_kernel", "bias_step", "fixed_bias"),
    *("input_step", "input_span", "input_shifts", "state"),
)
_RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU", "QSimpleRNN", "QLSTM", "QGRU"})
_FOLDED = frozenset({"QDenseBatchnorm", "QConv2DBatchnorm", "QDepthwiseConv2DBatchnorm"})
_CELLS = ("SimpleRNNCell", "LSTMCell", "GRUCell", "QSimpleRNNCell", "QLSTMCell", "QGRUCell")
_KERNELS = (
    *("Dense", "QDense", "BinaryDense", "PlaygroundTernaryDense"),
    *("Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"),
    *("QConv1D", "QConv2D", "QConv2DTranspose"),
)
_DEPTHWISE = ("DepthwiseConv1D", "DepthwiseConv2D", "QDepthwiseConv2D")
_SEPARABLE = ("SeparableConv1D", "SeparableConv2D", "QSeparableConv1D", "QSeparableConv2D")

_SLOTS: Mapping[str, Callable[[Config], Slots]] = MappingProxyType(
    {
        **dict.fromkeys(_KERNELS, _with_bias("kernel")),
        **dict.fromkeys(_DEPTHWISE, _with_bias("depthwise_kernel")),
        **dict.fromkeys(_SEPARABLE, _with_bias("depthwise_kernel", "pointwise_kernel")),
        **dict.fromkeys(("QDenseBatchnorm", "QConv2DBatchnorm"), _folded("kernel")),
        "QDepthwiseConv2DBatchnorm": _folded("depthwise_kernel"),
        **dict.fromkeys((*_RECURRENT, *_CELLS), _with_bias("kernel", "recurrent_kernel")),
        **dict.fromkeys(("BatchNormalization", "QBatchNormalization"), _batch_normalised),
        **dict.fromkeys(("LayerNormalization", "GroupNormalization"), _normalised),
        "RMSNormalization": _trained("scale"),
        "Normalization": _adapted,
        "Embedding": _trained("embeddings"),
        "PReLU": _trained("alpha"),
        "MultiHeadAttention": _attention,
        **dict.fromkeys(("Attention", "AdditiveAttention"), _scaled),
        "EinsumDense": _einsum,
        "PruneLowMagnitude": _fixed(*_PRUNING),
        "MaskedDense": _dense_and(fixed=("fixed_mask",)),
        "TernaryDense": _dense_and("latent_scales"),
        "VariationalDense": _dense_and("log_sigma2", fixed=("kl_scale",)),
        "PosteriorDense": _posterior,
        "TopKGate": lambda config: (("scores", True), ("gate", False), ("state", False)),
        "CancelOut": _trained("gate_weights"),
        "KeyBits": _keys,
        "TableLookup": _leaves,
        "SegmentSum": _offset,
        "TableSum": _table_sum,
        **dict.fromkeys(("TimeDistributed", "Bidirectional", "QBidirectional", "RNN", "StackedRNNCells"), _fixed()),
    }
)
