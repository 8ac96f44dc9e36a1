"""Train a forest of XGBoost, and let conifer write its VHDL; run by an interpreter that has conifer and XGBoost.

conifer==1.11 xgboost pandas pybind11, and g++. Reads events.npz in a folder, writes forest.json, conifer.npz and the
VHDL there. The sums are worked out from the integers in conifer's model, as its VHDL adds them: its own simulation of
the VHDL takes minutes a thousand events.
"""

import argparse
from pathlib import Path

import conifer
import numpy as np
import xgboost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--depth", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--precision", required=True)
    options = parser.parse_args()
    events = np.load(options.folder / "events.npz")
    shape = {"n_estimators": options.rounds, "max_depth": options.depth, "learning_rate": options.rate}
    # One base score of all classes: conifer takes the logit of several, which are margins.
    model = xgboost.XGBClassifier(**shape, n_jobs=1, tree_method="hist", base_score=0.5)
    model.fit(events["x_train"], events["y_train"])
    model.get_booster().save_model(options.folder / "forest.json")
    config = conifer.backends.vhdl.auto_config()
    config |= {"OutputDir": str(options.folder / "vhdl"), "Precision": options.precision}
    written = conifer.converters.convert_from_xgboost(model, config)
    written.write()
    x = _codes(written, events["x_test"])
    sums = np.zeros((len(x), written.n_classes), np.int64)
    for of_class in written.trees:
        for column, tree in enumerate(of_class):
            sums[:, column] += _leaves(tree, x)
    margins = model.predict(events["x_test"], output_margin=True)
    np.savez(options.folder / "conifer.npz", sums=sums, margins=margins)


def _codes(written: object, x: np.ndarray) -> np.ndarray:
    values, places = np.unique(x, return_inverse=True)
    convert = written._fp_converter.to_int
    return np.array([convert(value) for value in values.tolist()])[places].reshape(x.shape)


def _leaves(tree: object, x: np.ndarray) -> np.ndarray:
    feature, threshold = np.array(tree.feature), np.array(tree.threshold_int)
    left, right = np.array(tree.children_left), np.array(tree.children_right)
    node = np.zeros(len(x), np.int64)
    while (feature[node] >= 0).any():
        inner = np.flatnonzero(feature[node] >= 0)
        here = node[inner]
        node[inner] = np.where(x[inner, feature[here]] < threshold[here], left[here], right[here])
    return np.array(tree.value_int)[node]


if __name__ == "__main__":
    main()
