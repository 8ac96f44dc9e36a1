"""Teachers in files: a Keras model, an ONNX file, a pickle of scikit-learn, a Booster of XGBoost or LightGBM."""

from os import PathLike
from pathlib import Path

from codesign.errors import ConfigError, DataError, EnvironmentSetupError

SUFFIXES = (".h5", ".keras", ".onnx", ".joblib", ".pkl", ".ubj", ".txt")


def load_teacher(path: str | PathLike) -> object:
    """Return what :func:`codesign.drone.as_teacher` takes.

    Args:
        path: ``.h5``, ``.keras`` (Keras), ``.onnx``, ``.joblib``, ``.pkl`` (scikit-learn and whatever else pickles; unpickling runs code, so
            only files that you trust), ``.ubj`` or ``.json`` (XGBoost), ``.txt`` (LightGBM).

    Raises:
        ConfigError: for another suffix.
        DataError: for a missing or damaged file.
        EnvironmentSetupError: where the library is missing.
    """
    path = Path(path)
    readers = {".h5": _keras, ".keras": _keras, ".onnx": str, ".joblib": _pickle, ".pkl": _pickle}
    readers |= {".ubj": _xgboost, ".json": _xgboost, ".txt": _lightgbm}
    if path.suffix not in readers:
        raise ConfigError(f"teacher: expected a file {', '.join(SUFFIXES)} or .json. Received: {path}")
    if not path.is_file():
        raise DataError(f"teacher: expected a file. Received: {path}, which does not exist")
    try:
        return readers[path.suffix](path)
    except (ConfigError, DataError, EnvironmentSetupError):
        raise
    except ImportError as error:
        raise EnvironmentSetupError(f"teacher: {path} needs a package that is missing ({error}): pip install 'codesign[teachers]'") from None
    except Exception as error:  # every library has exceptions of its own for damaged files
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise DataError(f"teacher: expected a readable {path.suffix} file. Received: {path} ({reason})") from None


def _keras(path: Path) -> object:
    from codesign.train import load_model

    return load_model(path)


def _pickle(path: Path) -> object:
    import joblib

    return joblib.load(path)


def _xgboost(path: Path) -> object:
    import xgboost

    booster = xgboost.Booster()
    booster.load_model(path)
    return booster


def _lightgbm(path: Path) -> object:
    import lightgbm

    return lightgbm.Booster(model_file=str(path))
