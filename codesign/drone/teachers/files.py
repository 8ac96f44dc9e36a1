"""Teachers in files of Keras, ONNX, scikit-learn, XGBoost, LightGBM and PyTorch, told apart by content."""

import warnings
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from os import PathLike, fspath
from pathlib import Path

from codesign.errors import CodesignError, DataError, EnvironmentSetupError, UnsupportedLayerError
from codesign.extras import install_hint
from codesign.forests import read_forest
from codesign.model_files import ModelFile, check_onnx, holds_only_weights, identify
from codesign.read.files import ReadOptions, is_readable, read_file

_UNTRUSTED = (
    "opening it can run any program that its writer put there; if you trust who wrote it: trust_pickle=True. "
    "Files that hold data only: skops.io.dump(model, 'model.skops') of scikit-learn models, ONNX of any"
)


def load_teacher(
    path: str | PathLike, *, trust_pickle: bool = False, input_shapes: Mapping | Sequence | None = None
) -> object:
    """Return what :func:`codesign.drone.as_teacher` takes.

    Args:
        path: a Keras model (``.h5``, ``.keras``) as a network, or as the model itself where a network has no place for
            a layer of it; ONNX, a skops file, a Booster of XGBoost (``.ubj``, ``.json``) or
            LightGBM (``.txt``), as a :class:`codesign.forests.Forest` or a :class:`codesign.Network` where its library
            is missing; whatever else :func:`codesign.load_network` reads, as a Network; with `trust_pickle` also
            pickles (``.joblib``, ``.pkl``), and modules and TorchScript of PyTorch (``.pt``, ``.pth``).
        trust_pickle: open files that can run any program on opening.
        input_shapes: of an event's values, by the name of the input, for sizes that a file leaves open.

    Raises:
        DataError: for a missing or damaged file, one of another kind, or one that is not trusted.
        UnsupportedLayerError: for a Keras model that names classes that are not known.
        EnvironmentSetupError: where the library is missing.
    """
    file = identify(path, what="teacher")
    if file.runs_code and not trust_pickle:
        _check_torch(file)
        raise DataError(
            f"teacher: expected a file that is data. Received: {file.path}, {file.description}; {_UNTRUSTED}"
        )
    readers = {"onnx": _onnx, "pickle": _pickle, "skops": _skops, "xgboost": _xgboost, "lightgbm": _lightgbm}
    readers |= {"torch": _torch, "torchscript": _torchscript} | dict.fromkeys(
        [file.kind] if file.is_keras else [], _keras
    )
    if file.kind not in readers or input_shapes is not None:  # no library is needed, or it would not take sizes
        return read_file(path, ReadOptions(input_shapes), what="teacher").network
    try:
        return readers[file.kind](file)
    except CodesignError:
        raise
    except ImportError as error:
        raise EnvironmentSetupError(f"teacher: {path} needs {_missing(error)}") from None
    except Exception as error:  # every library has exceptions of its own for damaged files
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise DataError(f"teacher: expected a readable file. Received: {path}, {file.description} ({reason})") from None


def _missing(error: ImportError) -> str:
    """A library that reads teachers is advised by name; a pickle can need any module, which is not a package's name."""
    package = (error.name or "").partition(".")[0]
    if package in ("skops", "torch"):
        return f"{package}, which is missing: {install_hint(package)}"
    return f"a module that it was written with and that is missing here ({error})"


def _keras(file: ModelFile) -> object:
    """A network; where it has no place for a layer, the model, of the checked copy that Keras may open."""
    try:
        return read_file(file.path, what="teacher").network
    except UnsupportedLayerError as refusal:
        from codesign.train import load_model

        try:
            return load_model(file.path)
        except DataError:
            raise refusal from None


def _onnx(file: ModelFile) -> object:
    """The path, for ONNX Runtime; a network where that is missing, or does not open what the file needs."""
    try:
        check_onnx(file.path)
    except DataError:
        return read_file(file.path, what="teacher").network
    return read_file(file.path, what="teacher").network if find_spec("onnxruntime") is None else fspath(file.path)


def _pickle(file: ModelFile) -> object:
    import joblib

    return joblib.load(file.path)


def _skops(file: ModelFile) -> object:
    if find_spec("skops") is None and is_readable(file):
        return read_file(file.path, what="teacher").network
    import skops.io

    unknown = skops.io.get_untrusted_types(file=file.path)
    if unknown:
        raise DataError(
            f"teacher: expected types that skops knows to be safe. Received: {', '.join(unknown)[:300]} in "
            f"{file.path}; "
            "load it yourself and give the model to codesign.drone.as_teacher"
        )
    return skops.io.load(file.path)


def _xgboost(file: ModelFile) -> object:
    if find_spec("xgboost") is None:
        return read_forest(file.path)
    import xgboost

    booster = xgboost.Booster()
    booster.load_model(file.path)
    return booster


def _lightgbm(file: ModelFile) -> object:
    if find_spec("lightgbm") is None:
        return read_forest(file.path)
    import lightgbm

    return lightgbm.Booster(model_file=fspath(file.path))


def _check_torch(file: ModelFile) -> None:
    """Refuse a file that no trust makes a teacher of."""
    if file.kind == "torch" and file.path.read_bytes()[:2] == b"PK" and holds_only_weights(file.path):
        raise DataError(_weights_only(file.path))


def _weights_only(path: Path) -> str:
    return (
        f"teacher: expected a whole model. Received: {path}, weights of PyTorch without their module (a "
        "state_dict); build the module, "
        "load_state_dict(), and write it by torch.onnx.export, or give it to codesign.drone.as_teacher"
    )


def _torch(file: ModelFile) -> object:
    import torch

    _check_torch(file)
    module = torch.load(file.path, map_location="cpu", weights_only=False)  # nosec B614  # only after --trust-pickle
    if isinstance(module, dict):
        raise DataError(_weights_only(file.path))
    return module


def _torchscript(file: ModelFile) -> object:
    import torch

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`torch.jit.load` is deprecated")
        return torch.jit.load(file.path, map_location="cpu")
