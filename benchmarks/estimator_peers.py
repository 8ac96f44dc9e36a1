"""What others foretell of the same designs: rule4ml's networks, boosting without physics, a learnt correction."""

import json
import subprocess  # nosec B404  # programs by a list of words, never by a shell
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from codesign.errors import ConfigError
from codesign.fpga.design.report import CSYNTH
from codesign.fpga.estimate.fit.measured import measured_figures, try_row
from codesign.fpga.estimate.intervals import COUNTS, FIGURES, offset_of, residual
from codesign.fpga.estimate.truth_rows import TruthRow

_PEER = Path(__file__).parent / "peers" / "rule4ml_estimates.py"
_SECONDS = 1800
_VERSIONS = tuple(f"{year}.{half}" for year in range(2019, 2025) for half in (1, 2))[:-1]
_STRATEGIES = ("latency", "resource", "resource_2019")
_FAMILIES = ("us+", "us", "7series")


def rule4ml_predictions(rows: Sequence[dict[str, str]], python: str) -> dict[str, dict[str, tuple]]:
    """Return the predictions of each of rule4ml's models, which do not know the weights, from its own interpreter.

    Raises:
        ConfigError: if that does not run.
    """
    designs = {cells["id"]: _design(row) for cells in rows if (row := try_row(cells, "shape"))}
    command = [python, str(_PEER)]
    try:
        done = subprocess.run(  # nosec B603  # the Python that was named; no shell
            command, input=json.dumps(list(designs.values())), capture_output=True, text=True, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"--rule4ml: expected a Python that has rule4ml. Received: {python}: {error}") from None
    if done.returncode:
        reason = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        raise ConfigError(f"--rule4ml: expected a Python that has rule4ml 0.2.0. Received: {python}: {reason}")
    return {
        method: {name: (_both_stages(estimate), {}) for name, estimate in zip(designs, estimates)}
        for method, estimates in json.loads(done.stdout).items()
    }


def _both_stages(estimate: dict[str, float]) -> dict[str, float]:
    found = {name: max(0.0, value) for name, value in estimate.items()}
    return {**found, **{CSYNTH + name: found[name] for name in COUNTS if name in found}}


def _design(row: TruthRow) -> dict:
    """Return what rule4ml asks of a design."""
    bits = max(2, max(layer.weight_width for layer in row.layers))
    version = next((known for known in _VERSIONS if known >= row.toolchain.version), _VERSIONS[-1])
    return {
        "sizes": [row.layers[0].n_in, *(layer.n_out for layer in row.layers)],
        "activations": [layer.activation for layer in row.layers],
        "weight_bits": bits,
        "integer_bits": min(bits - 1, 6 if bits >= 12 else 1),
        "reuse_factors": list(row.reuse_factors),
        "strategy": "latency" if row.strategy == "latency" else "resource",
        "part_family": row.toolchain.family,
        "version": version,
    }


def boosting_predictions(rows: Sequence[dict[str, str]]) -> dict[str, tuple]:
    """Return predictions of log(1 + figure) by gradient boosting, each family foretold by the others."""
    read = {cells["id"]: row for cells in rows if (row := try_row(cells, "weights"))}
    cells = [one for one in rows if one["id"] in read]
    features = np.array([_features(read[one["id"]]) for one in cells])
    families = np.array([one.get("family", "") for one in cells])
    found: dict[str, dict[str, float]] = {one["id"]: {} for one in cells}
    for figure in FIGURES:
        truths = np.array([measured_figures(one).get(figure, np.nan) for one in cells])
        for family in sorted(set(families)):
            test, train = families == family, (families != family) & np.isfinite(truths)
            if train.sum() and (test & np.isfinite(truths)).any():
                model = HistGradientBoostingRegressor(random_state=0, max_iter=200, min_samples_leaf=3)
                weights = 1 / np.array([np.sum(families[train] == one) for one in families[train]])
                model.fit(features[train], np.log1p(truths[train]), sample_weight=weights * train.sum())
                for one, value in zip(np.array(cells, dtype=object)[test], model.predict(features[test])):
                    found[one["id"]][figure] = max(0.0, float(np.expm1(value)))
    return {name: (values, {}) for name, values in found.items()}


def residual_predictions(rows: Sequence[dict[str, str]], package: Mapping[str, tuple]) -> dict[str, tuple]:
    """Return the closed forms' predictions times what a ridge regression learnt of their errors in other families.

    It knows the logarithms of sizes and settings, and the compiler with its year; the others' families are weighted
    alike.

    Args:
        rows: measured designs.
        package: the closed forms' predictions by id, and their intervals.
    """
    read = {cells["id"]: row for cells in rows if cells["id"] in package and (row := try_row(cells, "weights"))}
    cells = [one for one in rows if one["id"] in read]
    features = np.log1p(np.maximum(0, [[*_features(read[one["id"]]), *_generation(read[one["id"]])] for one in cells]))
    families = np.array([one.get("family", "") for one in cells])
    found = {one["id"]: dict(package[one["id"]][0]) for one in cells}
    for figure in FIGURES:
        errors = [_error(figure, package[one["id"]][0][figure], measured_figures(one).get(figure)) for one in cells]
        known = np.isfinite(errors)
        for family in sorted(set(families)):
            test, train = families == family, (families != family) & known
            if train.any():
                shares = [1 / np.sum(families[train] == one) for one in families[train]]
                model = make_pipeline(StandardScaler(), Ridge(1.0))
                model.fit(features[train], np.array(errors)[train], ridge__sample_weight=shares)
                for one, error in zip(np.array(cells, dtype=object)[test], model.predict(features[test])):
                    offset, values = offset_of(figure), found[one["id"]]
                    values[figure] = max(0.0, (values[figure] + offset) * np.exp(np.clip(error, -3, 3)) - offset)
    return {name: (values, {}) for name, values in found.items()}


def _error(figure: str, predicted: float, measured: float | None) -> float:
    return np.nan if measured is None else residual(figure, predicted, measured)


def _generation(row: TruthRow) -> list[float]:
    year = row.toolchain.version[:4]
    return [max(0, int(year) - 2017) if year.isdecimal() else 0, row.toolchain.is_vitis, row.toolchain.is_seven_series]


def _features(row: TruthRow) -> list[float]:
    """Return sums and extremes over layers, and the settings; no formula of the estimate."""
    layers, factors = row.layers, row.reuse_factors
    sums = [
        sum(getattr(layer, name) for layer in layers)
        for name in ("n_weights", "nonzero", "two_digit_pairs", "heavy_pairs", "n_out")
    ]
    widths = [max(getattr(layer, name) for layer in layers) for name in ("weight_width", "input_width", "accum_width")]
    sizes = [layers[0].n_in, layers[-1].n_out, max(layer.n_weights for layer in layers), len(layers)]
    parallel = sum(layer.n_weights / factor for layer, factor in zip(layers, factors))
    settings = [
        max(factors), sum(factors), parallel, row.clock_period_ns, row.toolchain.is_vitis,
        _STRATEGIES.index(row.strategy) if row.strategy in _STRATEGIES else -1, _FAMILIES.index(row.toolchain.family),
        row.toolchain.dsp_mode == "lut",
    ]  # fmt: skip
    return [float(value) for value in (*sums, *widths, *sizes, *settings)]
