"""What a forest's own library gives for events, where it is installed: the judge of the reading."""

from importlib.util import find_spec
from os import PathLike

import numpy as np

from codesign.model_files import identify


def library_margins(model: object, x: np.ndarray) -> np.ndarray | None:
    """Return the margins of a file of XGBoost or LightGBM, (n_events, n_outputs), by the library itself.

    Args:
        model: a path.
        x: (n_events, n_features) float64.

    Returns:
        None where the library is not installed.
    """
    if not isinstance(model, (str, PathLike)):
        return None
    file = identify(model)
    if file.kind not in ("xgboost", "lightgbm") or find_spec(file.kind) is None:
        return None
    margins = _xgboost(str(file.path), x) if file.kind == "xgboost" else _lightgbm(str(file.path), x)
    return np.asarray(margins, np.float64).reshape(len(x), -1)


def _xgboost(path: str, x: np.ndarray) -> np.ndarray:
    import xgboost

    booster = xgboost.Booster(model_file=path)
    best = booster.attributes().get("best_iteration") if "scikit_learn" in booster.attributes() else None
    rounds = (0, 0) if best is None else (0, int(best) + 1)
    names = {"feature_names": booster.feature_names, "feature_types": booster.feature_types}
    matrix = xgboost.DMatrix(x, **names, enable_categorical=True)
    return booster.predict(matrix, output_margin=True, iteration_range=rounds)


def _lightgbm(path: str, x: np.ndarray) -> np.ndarray:
    import lightgbm

    booster = lightgbm.Booster(model_file=path)
    margins = booster.predict(x, raw_score=True)
    is_mean = "\naverage_output\n" in booster.model_to_string()
    return margins / booster.current_iteration() if is_mean else margins
