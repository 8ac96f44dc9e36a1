"""Live objects of other libraries as a Reading: a table from the module of a class to a reader.

A model is recognised by the module that its class comes from, so that no library is imported to look.
"""

import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from codesign.model_files import ModelFile
from codesign.read.files import reader_of
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading

# top-level module of a class: the module below codesign.read, and its function of an object and ReadOptions
_READERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "onnx": ("objects", "read_onnx_model"),
        "torch": ("torch.live", "read_torch_object"),
        "sklearn": ("sklearn.reader", "read_sklearn_object"),  # XGBClassifier and its like too
        "xgboost": ("forest_models", "read_forest_object"),
        "lightgbm": ("forest_models", "read_forest_object"),
    }
)


def read_object(model: object, options: ReadOptions | None = None) -> Reading | None:
    """Read a live model of a library that there is a reader of; None: there is none.

    Args:
        model: a module or a program of PyTorch, an estimator or a Pipeline of scikit-learn, a Booster, a ModelProto.
        options: what the object leaves open, such as the shape of what a module takes.

    Raises:
        ConfigError: for a model that is not fitted, or that leaves its inputs open.
        UnsupportedLayerError: for a part that has no place in a Network; it names the part.
        AgreementError: if the network's outputs are not the model's.
    """
    modules = {base.__module__.partition(".")[0] for base in type(model).__mro__}
    found = next((_READERS[name] for name in _READERS if name in modules), None)
    if found is None:
        return None
    module, function = found
    return getattr(import_module(f"codesign.read.{module}"), function)(model, options or ReadOptions())


def read_onnx_model(model: object, options: ReadOptions) -> Reading:
    """Read a ModelProto, by the file that it is."""
    with tempfile.TemporaryDirectory(prefix="codesign_") as folder:
        path = Path(folder, "model.onnx")
        path.write_bytes(model.SerializeToString())
        return reader_of("onnx")(ModelFile(path, "onnx"), options)
