"""Any file of a model as a Reading: a table from what :func:`codesign.model_files.identify` finds to a reader."""

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from os import PathLike
from types import MappingProxyType

import numpy as np

from codesign.errors import AssumptionWarning, DataError
from codesign.model_files import ModelFile, identify
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading

Reader = Callable[[ModelFile, ReadOptions], Reading]

# kind of file: the module below codesign.read, and its function of a ModelFile and ReadOptions that gives a Reading
_READERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "network": ("own_json", "read_network"),
        "lwtnn": ("lwtnn.file", "read_lwtnn"),
        "json": ("lwtnn.file", "read_lwtnn"),  # which says what JSON of another kind lacks
        **dict.fromkeys(
            ("hdf5", "keras2_zip", "drone", "keras3_zip", "keras_folder", "keras_config", "hgq"),
            ("keras_files", "read_keras_file"),
        ),
        "hls4ml": ("hls4ml_project", "read_hls4ml_project"),
        "onnx": ("onnx", "read_onnx"),
        "tflite": ("tflite", "read_tflite"),
        "skops": ("sklearn.reader", "read_skops"),
        "xgboost": ("forest_models", "read_forest_file"),
        "lightgbm": ("forest_models", "read_forest_file"),
        "torch_export": ("torch.reader", "read_torch_export"),
    }
)


def is_readable(file: ModelFile) -> bool:
    """Whether there is a reader of files of this kind."""
    return file.kind in _READERS


def read_file(path: str | PathLike, options: ReadOptions | None = None, *, what: str = "model") -> Reading:
    """Read whatever a file or a folder holds, told apart by its content; nothing in it is run.

    Args:
        path: a file or folder.
        options: what the file may leave open; None: nothing is said.
        what: for messages: which argument it was given for.

    Raises:
        DataError: for a file that is missing, damaged, or of a kind that holds no model; it says what the file is and
            the way out.
        UnsupportedLayerError: for a layer that has no place in a Network; it names the layer.

    Warns:
        AssumptionWarning: for what the file does not state and was assumed.

    Example:
        >>> from codesign import DenseLayer, Network
        >>> from codesign.read import read_file
        >>> Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.0])]).save("network.json")
        >>> read_file("network.json").about["format"]
        'codesign-network'
    """
    file = identify(path, what=what)
    if not is_readable(file):
        cure = f"; {file.way_out}" if file.way_out else ""
        raise DataError(f"{what}: expected a saved model. Received: {file.path}, {file.description}{cure}")
    with np.errstate(all="ignore"):  # what is not finite, a network's ops refuse by name
        reading = reader_of(file.kind)(file, options or ReadOptions())
    for sentence in reading.assumed:
        warnings.warn(f"{file.path}: {sentence}", AssumptionWarning, stacklevel=3)
    return reading


def reader_of(kind: str) -> Reader:
    """Return the reader of a kind of files that :func:`is_readable`."""
    module, function = _READERS[kind]
    return getattr(import_module(f"codesign.read.{module}"), function)
