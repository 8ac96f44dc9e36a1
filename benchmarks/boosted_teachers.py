#!/usr/bin/env python3
"""Settings of the boosted trees that `codesign reproduce b_decay` and `quark_gluon` take, by cross-validation.

    python benchmarks/boosted_teachers.py --task b_decay [--trials N] [--json PATH]

Draws settings at random from a grid, and scores each by the log-loss of scikit-learn's gradient boosting in four folds
of the training half; the test half is never looked at. XGBoost takes the same settings.
"""

import argparse

from result import write_result
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold

from codesign.cli.json_option import add_json_option
from codesign.data import load_dataset

_TREES = [
    {"n_estimators": [n], "learning_rate": [rate]}
    for n, rate in ((400, 0.2), (600, 0.1), (1000, 0.1), (1000, 0.05), (300, 0.04))
]
_SHAPES = {
    "max_depth": [3, 4, 5],
    "min_samples_leaf": [20, 50, 100, 200],
    "subsample": [0.3, 0.5, 0.8],
    "max_features": [None, 4],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=["b_decay", "quark_gluon"], default="b_decay")
    parser.add_argument("--trials", type=int, default=40)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    data = load_dataset(options.task)
    search = RandomizedSearchCV(
        GradientBoostingClassifier(random_state=options.seed),
        [trees | _SHAPES for trees in _TREES],
        n_iter=options.trials,
        scoring={"log_loss": "neg_log_loss", "auc": "roc_auc"},
        refit=False,
        cv=StratifiedKFold(4, shuffle=True, random_state=options.seed),
        random_state=options.seed,
        verbose=1,
    )
    found = search.fit(data.x_train, data.y_train).cv_results_
    scores = zip(found["params"], -found["mean_test_log_loss"], found["mean_test_auc"])
    rows = [{"method": "gradient boosting", **settings, "log_loss": loss, "auc": auc} for settings, loss, auc in scores]
    rows.sort(key=lambda row: row["log_loss"])
    write_result("boosted_teachers", data.kind, rows, [], path=options.json, seeds=[options.seed])


if __name__ == "__main__":
    main()
