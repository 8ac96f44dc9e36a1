"""FpgaRegressor: events and a budget in, a regression of gates out."""

from typing import Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import validate_data

from codesign.estimators.base import FpgaEstimator, checked_weights


class FpgaRegressor(RegressorMixin, FpgaEstimator):
    """A regression whose every answer is that of an FPGA design within a budget, bit for bit.

    The twin of :class:`codesign.FpgaClassifier`, with the same parameters and attributes. Networks are trained on
    targets near 0 with a spread near 1; `network_` gives physical units: powers of two and an offset cost no gates.

    Args:
        max_lut, max_latency_ns, budget: limits; ``{"max_rmse": 3.0}`` is in units of the targets.
        metric: designs are chosen by; None: ``rmse``.
        pick, methods, teacher, hidden, epochs, words, word_bits: as in :class:`codesign.FpgaClassifier`.
        clock_period_ns, part, time_limit_s, n_jobs, random_state, verbose: likewise.

    Attributes:
        network_, design_, front_, words_, n_features_in_, feature_names_in_: as in :class:`codesign.FpgaClassifier`.

    Example:
        >>> import numpy as np
        >>> from codesign import FpgaRegressor
        >>> x = np.random.default_rng(0).normal(size=(2000, 3))
        >>> energy_gev = 20 * x[:, 0] + 5 * x[:, 1] + 100
        >>> regressor = FpgaRegressor(max_lut=300, hidden=(8,), epochs=20, teacher=None, n_jobs=1)
        >>> regressor.fit(x, energy_gev).score(x, energy_gev) > 0.8
        True
    """

    _default_metric = "rmse"

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """Find words, train designs within the budget, and pick one.

        Args:
            X: (n_events, n_features) in physical units; a data frame gives the features' names.
            y: (n_events,) or (n_events, n_targets) values.
            sample_weight: (n_events,) of the events, not negative.

        Raises:
            ValueError: for what scikit-learn refuses.
            BudgetError: for a budget that none can meet; it says the least that was reached.
            CodesignError: see :func:`codesign.train_designs`.
        """
        names = getattr(y, "columns", None)
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True, ensure_min_samples=2)
        self.n_outputs_ = 1 if y.ndim == 1 else y.shape[1]
        self._is_row = y.ndim == 1
        names = [f"y{index}" for index in range(self.n_outputs_)] if names is None else names
        self._targets = tuple(map(str, names)) if self.n_outputs_ > 1 else ("y",)
        weights = checked_weights(sample_weight, X)
        return self._search(X, y[:, 0] if self.n_outputs_ == 1 and y.ndim == 2 else y, weights, targets=self._targets)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (n_events,) or (n_events, n_targets) values, as the gates give them."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._is_row else outputs

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _output_names(self) -> tuple[str, ...]:
        return self._targets
