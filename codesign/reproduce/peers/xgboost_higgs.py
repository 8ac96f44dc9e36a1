"""XGBoost on HiggsML's events: ten boosted ensembles, each on nine of ten folds, averaged.

Run by an interpreter that has xgboost: ``python xgboost_higgs.py EVENTS.npz --json OUT.json --seed 0 --bag 10``.

Columns as they are, -999 as missing, each class of the same sum of weights, trees added until the loss of the
validation events has not fallen for 30 of them.
"""

import argparse
import json
import os
import resource

os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np  # it reads the number of threads
import xgboost

_MISSING = -999.0
_REPEATS = 5
_SETTINGS = {
    "n_estimators": 600,
    "learning_rate": 0.05,
    "max_depth": 5,
    "min_child_weight": 10,
    "subsample": 0.8,
    "colsample_bytree": 0.7,
    "reg_lambda": 1.0,
    "tree_method": "hist",
    "early_stopping_rounds": 30,
    "eval_metric": "logloss",
    "n_jobs": 1,
}


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _weights(events: dict[str, np.ndarray], part: str) -> np.ndarray:
    """Weights of mean 1, each class of the same sum."""
    y, weights = events[f"y_{part}"].astype(int), events[f"weights_{part}"].astype(float)
    return weights * (len(y) / 2 / np.bincount(y, weights))[y]


def _train(events: dict[str, np.ndarray], seed: int, bag: int) -> list[xgboost.XGBClassifier]:
    x, y, weights = events["x_train"], events["y_train"], _weights(events, "train")
    fold = np.random.default_rng(seed).integers(0, 10, len(y))
    held = {"eval_set": [(events["x_validation"], events["y_validation"])]}
    held |= {"sample_weight_eval_set": [_weights(events, "validation")], "verbose": False}
    found = []
    for number in range(bag):
        own = fold != number % 10 if bag > 1 else np.ones(len(y), bool)
        model = xgboost.XGBClassifier(random_state=1000 * seed + number, missing=_MISSING, **_SETTINGS)
        found.append(model.fit(x[own], y[own], sample_weight=weights[own], **held))
    return found


def _predict(models: list[xgboost.XGBClassifier], x: np.ndarray) -> np.ndarray:
    return np.mean([model.predict_proba(x)[:, 1] for model in models], 0)


def main() -> None:
    """Train, predict, and write the JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("events")
    parser.add_argument("--json", required=True)
    for name in ("seed", "bag"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    with np.load(options.events) as file:
        events = {name: file[name] for name in file.files}
    begun = _cpu_s()
    models = _train(events, options.seed, options.bag)
    result = {"train_cpu_s": _cpu_s() - begun}
    result |= {part: _predict(models, events[f"x_{part}"]).tolist() for part in ("validation", "test")}
    spent = []
    for _ in range(_REPEATS):
        begun = _cpu_s()
        _predict(models, events["x_test"])
        spent.append(_cpu_s() - begun)
    result["test_us_per_event"] = min(spent) / len(events["y_test"]) * 1e6
    with open(options.json, "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
