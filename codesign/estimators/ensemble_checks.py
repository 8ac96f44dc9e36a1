"""What options an :class:`codesign.EnsembleClassifier` can be fitted with, on how many columns."""

from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np

from codesign.data import ColliderVectors
from codesign.errors import ConfigError, DataError, nearest

SYMMETRIES = ("none", "augment", "align")


def check_symmetry(options: Mapping[str, object], n_features: int) -> None:
    """Check `vectors`, `symmetry`, `missing`, `reference` and `other` of a classifier's parameters.

    Raises:
        ConfigError: for options that do not fit each other.
        DataError: for another number of columns than the vectors name.
    """
    symmetry, vectors, missing = (options[name] for name in ("symmetry", "vectors", "missing"))
    if symmetry not in SYMMETRIES:
        near = nearest(symmetry, SYMMETRIES) if isinstance(symmetry, str) else ""
        raise ConfigError(f"symmetry: expected one of {', '.join(SYMMETRIES)}. Received: {symmetry!r:.60}{near}")
    if missing is not None and not (_is_number(missing) and np.isfinite(missing)):
        raise ConfigError(
            f"missing: expected a number, such as -999, or None. Received: {missing!r:.60}; put one in place of NaN"
        )
    _check_momenta_named(options)
    if vectors is None:
        if symmetry != "none":
            raise ConfigError(f"vectors: expected the momenta for symmetry '{symmetry}'. Received: none")
        return
    if not isinstance(vectors, ColliderVectors):
        raise ConfigError(f"vectors: expected a ColliderVectors, or None. Received: {type(vectors).__name__}")
    if len(vectors.features) != n_features:
        raise DataError(f"X: expected the {len(vectors.features)} columns that vectors name. Received: {n_features}")
    if vectors.missing != missing:
        raise ConfigError(
            f"missing: expected that of the vectors, {vectors.missing}. Received: {missing}; give the same value to "
            "EnsembleClassifier(missing=...) and ColliderVectors(missing=...)"
        )
    if symmetry == "align":
        vectors.check_names(reference=options["reference"], other=options["other"])


def _check_momenta_named(options: Mapping[str, object]) -> None:
    """Check that momenta to align by are named where the symmetry is align, and nowhere else."""
    named = {name: options[name] for name in ("reference", "other") if options[name] is not None}
    if options["symmetry"] == "align":
        if len(named) < 2:
            given = f"{next(iter(named))} alone" if named else "none"
            raise ConfigError(f"reference, other: expected names of the momenta to align by. Received: {given}")
        return
    for name, momentum in named.items():
        raise ConfigError(
            f"{name}: expected None where the symmetry is '{options['symmetry']}', which aligns nothing. Received: "
            f"{momentum!r:.60}; use symmetry='align', or leave it out"
        )


def check_columns(options: Mapping[str, object], X: np.ndarray) -> None:
    """Check `hidden`, `categories` and `strata` of a classifier's parameters.

    Raises:
        ConfigError: for another kind of value, or a column that is not there.
        DataError: for a category that is missing, or strata that are no whole numbers.
    """
    hidden, categories, strata = (options[name] for name in ("hidden", "categories", "strata"))
    if not isinstance(hidden, (list, tuple)):
        raise ConfigError(f"hidden: expected a list of whole numbers, such as (32, 32). Received: {hidden!r:.60}")
    if categories is not None and not isinstance(categories, Mapping):
        raise ConfigError(
            f"categories: expected column -> number of its categories, such as {{3: 4}}. Received: {categories!r:.60}"
        )
    for name, columns in (("categories", categories or {}), ("strata", [] if strata is None else [strata])):
        wrong = [one for one in columns if not _is_column(one, X.shape[1])]
        if wrong:
            raise ConfigError(f"{name}: expected columns from 0 to {X.shape[1] - 1}. Received: {wrong[0]!r:.60}")
    for column in categories or {}:
        if options["missing"] is not None and (X[:, column] == options["missing"]).any():
            raise DataError(
                f"X: expected a category of each event in column {column}. Received: {options['missing']}, which is "
                "missing; give these events a category of their own"
            )
    if strata is not None and (X[:, strata] != np.floor(X[:, strata])).any():
        raise DataError(f"X: expected whole numbers in column {strata}, which is of strata. Received: others")


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def _is_column(value: object, n_features: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and 0 <= value < n_features
