"""Old names of layers, of their arguments and of their weights in the words of Keras 2."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

_ALIASES = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
    "TimeDistributedDense": "Dense",
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "LSTMV2": "LSTM",
    "GRUV2": "GRU",
    **{
        f"{kind}Pool{n}D": f"{long}Pooling{n}D"
        for kind, long in (("Max", "Max"), ("Avg", "Average"))
        for n in (1, 2, 3)
    },
    **{
        f"Global{kind}Pool{n}D": f"Global{long}Pooling{n}D"
        for kind, long in (("Max", "Max"), ("Avg", "Average"))
        for n in (1, 2, 3)
    },
}
_MERGES = {
    "sum": "Add",
    "mul": "Multiply",
    "concat": "Concatenate",
    "ave": "Average",
    "max": "Maximum",
    "dot": "Dot",
}
_RENAMED = {
    "output_dim": "units",
    "bias": "use_bias",
    "p": "rate",
    "inner_activation": "recurrent_activation",
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample_length": "strides",
    "subsample": "strides",
    "border_mode": "padding",
    "atrous_rate": "dilation_rate",
    "pool_length": "pool_size",
    "stride": "strides",
    "sigma": "stddev",
    "length": "size",
}
_KEPT = {"Embedding": ("output_dim",)}
_ORDERS = {"tf": "channels_last", "th": "channels_first"}
_LSTM_PARTS, _GRU_PARTS = (0, 6, 3, 9), (0, 3, 6)  # places of input kernels among Keras 1's arrays: i f c o, z r h


def modern_kind(kind: str) -> str:
    """Return the name that Keras 2 has for a class."""
    return _ALIASES.get(kind, kind)


def modern(kind: str, config: Mapping[str, object], *, is_first: bool) -> tuple[str, dict[str, object]]:
    """Return class and configuration of a layer in the words of Keras 2.

    Args:
        kind: name of its class in the file.
        config: its arguments.
        is_first: whether Keras 1 wrote it.
    """
    found = modern_kind(kind)
    config = _of_keras_1(kind, dict(config)) if is_first else dict(config)
    if is_first and kind == "Merge":
        mode = str(config.get("mode"))
        axis = config.get("concat_axis", -1) if mode == "concat" else config.get("dot_axes", -1)
        return _MERGES.get(mode, f"Merge of mode '{mode}'"), {**config, "axis": axis, "axes": axis}
    if found == "GRU":
        config.setdefault("reset_after", kind != "GRU")
    if kind.startswith("CuDNN"):
        config |= {"activation": "tanh", "recurrent_activation": "sigmoid"}
    return found, config


def _of_keras_1(kind: str, config: dict[str, object]) -> dict[str, object]:
    kept = _KEPT.get(kind, ())
    config = {name if name in kept else _RENAMED.get(name, name): value for name, value in config.items()}
    if "dim_ordering" in config:
        config["data_format"] = _ORDERS.get(str(config["dim_ordering"]), "channels_last")
    sizes = [config[name] for name in ("nb_row", "nb_col") if name in config]
    return {**config, "kernel_size": sizes} if len(sizes) == 2 else config


def modern_weights(
    kind: str, config: Mapping[str, object], arrays: Sequence[np.ndarray], *, is_first: bool
) -> list[np.ndarray]:
    """Return the arrays of a layer as Keras 2 lays them out.

    Args:
        kind: as the file names the class.
        config: in the words of Keras 2.
        arrays: as the file has them.
        is_first: whether Keras 1 wrote it.
    """
    arrays = list(arrays)
    if kind in ("CuDNNLSTM", "CuDNNGRU") and len(arrays) == 3:
        return _of_cudnn(kind, arrays)
    if not is_first:
        return arrays
    if kind == "LSTM" and len(arrays) == 12:
        return _joined(arrays, _LSTM_PARTS)
    if kind == "GRU" and len(arrays) == 9:
        return _joined(arrays, _GRU_PARTS)
    function = _KERNELS_OF_KERAS_1.get(kind)
    return arrays if function is None or not arrays else [function(arrays[0], config), *arrays[1:]]


def _joined(arrays: Sequence[np.ndarray], places: Sequence[int]) -> list[np.ndarray]:
    return [np.concatenate([arrays[place + part] for place in places], -1) for part in range(3)]


def _kernel_1d(kernel: np.ndarray, config: Mapping[str, object]) -> np.ndarray:
    """(length, 1, n_in, n_out), or Theano's (n_out, n_in, length, 1)."""
    if kernel.ndim != 4:
        return kernel
    length = int(np.ravel(config.get("kernel_size", 1))[0])
    is_theanos = kernel.shape[:2] != (length, 1)
    return (np.transpose(kernel, (2, 3, 1, 0)) if is_theanos else kernel)[:, 0]


def _kernel_2d(kernel: np.ndarray, config: Mapping[str, object]) -> np.ndarray:
    """Theano's are (n_out, n_in, rows, columns)."""
    is_theanos = kernel.ndim == 4 and config.get("data_format") == "channels_first"
    return np.transpose(kernel, (2, 3, 1, 0)) if is_theanos else kernel


_KERNELS_OF_KERAS_1: Mapping[str, Callable] = MappingProxyType(
    {"Convolution1D": _kernel_1d, "Conv1D": _kernel_1d, "Convolution2D": _kernel_2d, "Conv2D": _kernel_2d}
)


def _of_cudnn(kind: str, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """cuDNN's kernels are transposed gate by gate, and it has two biases, of which an LSTM takes the sum."""
    kernel, recurrent, bias = arrays
    n_gates = 4 if kind == "CuDNNLSTM" else 3
    kernel = np.hstack([part.T.reshape(part.shape, order="F") for part in np.hsplit(kernel, n_gates)])
    recurrent = np.hstack([part.T for part in np.hsplit(recurrent, n_gates)])
    bias = bias.reshape(2, -1)
    return [kernel, recurrent, bias.sum(0) if n_gates == 4 else bias]
