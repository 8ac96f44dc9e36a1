"""FpgaClassifier: events and a budget in, a classifier of gates out."""

from typing import Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from codesign.errors import DataError, LabelError
from codesign.estimators.base import FpgaEstimator, checked_weights
from codesign.fpga import decide
from codesign.metrics import WorkingPoint, working_point


class FpgaClassifier(ClassifierMixin, FpgaEstimator):
    """A classifier whose every answer is that of an FPGA design within a budget, bit for bit.

    `fit` trains networks of several sizes (:func:`codesign.train_designs`) and picks one. Events go in as they are, in
    physical units: the words that a detector would send are found from them, or declared. `predict` gives what the
    gates give; :meth:`synthesize` writes them. Works with scikit-learn's Pipeline, cross_val_score and GridSearchCV;
    the columns of a data frame become the names of the ports.

    Args:
        max_lut: look-up tables at most, by da4ml's adder cost; None: no limit.
        max_latency_ns: from the first input to the last output; None: no limit.
        budget: more limits, by the names of :class:`codesign.Budget`: ``{"min_auc[b]": 0.9, "ff": 500}``.
        metric: designs are chosen by; None: ``auc``, of a regression ``rmse``. See
            :func:`codesign.metrics.find_metric`.
        pick: ``best`` by the metric within the budget, ``smallest`` or ``fastest``.
        methods: ``best``, or some of ``tables``, ``posterior``, ``qkeras``, ``drone``.
        teacher: ``ensemble``, dense nets that are trained first; None; or any fitted model or file that
            :func:`codesign.as_teacher` takes: it is asked in physical units, as `X` comes.
        hidden: units of each hidden layer; None chooses.
        epochs: of the longest training; None chooses by the number of events. The others go along.
        words: how inputs come, ``{"pt": "ap_ufixed<14,12>"}``; None: found from the events; ``free``: with the ranges
            that tell most of the labels, where the sender may shift and scale each feature.
        word_bits: at most, of words that are found; None: 12, of free ones 8.
        clock_period_ns: target clock period.
        part: FPGA part.
        time_limit_s: no new training is begun after this time.
        n_jobs: processes; None is 1, -1 all cores.
        random_state: of the choice of events held out, and of all trainings.
        verbose: show a progress bar.

    Attributes:
        classes_: (n_classes,) labels.
        network_: of integers: a :class:`codesign.Network`.
        design_: the :class:`codesign.Design` that was picked.
        front_: what the search found: a :class:`codesign.Front`.
        words_: the words of each input: a :class:`codesign.data.Words`.
        n_features_in_, feature_names_in_: as scikit-learn's.

    Example:
        >>> from codesign import FpgaClassifier, load_dataset
        >>> data = load_dataset("b_decay")
        >>> options = {"hidden": (8,), "epochs": 5, "teacher": None, "n_jobs": 1}
        >>> tagger = FpgaClassifier(max_lut=300, max_latency_ns=25, **options)
        >>> tagger = tagger.fit(data.x_train, data.y_train)
        >>> tagger.score(data.x_test, data.y_test) > 0.9, tagger.design_.report.lut <= 300
        (True, True)
    """

    _default_metric = "auc"

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """Find words, train designs within the budget, and pick one.

        Args:
            X: (n_events, n_features) in physical units; a data frame gives the features' names.
            y: (n_events,) labels of any kind.
            sample_weight: (n_events,) of the events, not negative.

        Raises:
            ValueError: for what scikit-learn refuses, and labels of one class.
            BudgetError: for a budget that none can meet; it says the least that was reached.
            CodesignError: see :func:`codesign.train_designs`.
        """
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        check_classification_targets(y)
        weights = checked_weights(sample_weight, X)
        counted = y if weights is None else y[weights > 0]
        self.classes_ = np.unique(y)
        if len(np.unique(counted)) < 2:
            raise LabelError(
                f"y: expected labels of at least two classes. Received: one class, {str(counted[0])!r:.60}, in all "
                f"{len(counted)} events; see what selected them"
            )
        _, labels = np.unique(y, return_inverse=True)
        return self._search(X, labels.reshape(-1), weights, classes=tuple(map(str, self.classes_)))

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return (n_events,) of two classes, above 0 for the second, or (n_events, n_classes): the gates' outputs."""
        outputs = self._outputs(X)
        if len(self.classes_) > 2:
            return outputs
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs[:, 1] - outputs[:, 0]

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (n_events,) labels, as the gates decide."""
        outputs = self._outputs(X)
        return self.classes_[decide(self.network_, outputs)]

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return (n_events, n_classes): the softmax of the gates' outputs, which no gate computes."""
        scores = self.decision_function(X)
        scores = np.stack([np.zeros_like(scores), scores], 1) if scores.ndim == 1 else scores
        powers = np.exp(scores - scores.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)

    def working_point(
        self,
        X: np.ndarray,
        y: np.ndarray,
        background_rate: float,
        *,
        label: object = None,
        sample_weight: np.ndarray | None = None,
    ) -> WorkingPoint:
        """Return the threshold on the gates' outputs that lets at most this share of the background pass.

        Args:
            X: (n_events, n_features) that nothing was trained or chosen on.
            y: (n_events,) labels.
            background_rate: share of the events of all other classes, 0 to 1.
            label: of the signal; None: the second of two.
            sample_weight: (n_events,) of the events.

        Raises:
            ConfigError, DataError: see :func:`codesign.metrics.working_point`; for labels that were not trained on.
        """
        outputs, y = self._outputs(X), np.asarray(y)
        unknown = np.setdiff1d(y, self.classes_)
        if unknown.size:
            raise DataError(f"y: expected labels that were trained on. Received: {str(unknown[0])!r:.60}")
        names = list(map(str, self.classes_))
        return working_point(
            outputs,
            np.searchsorted(self.classes_, y),
            background_rate,
            label=None if label is None else str(label),
            classes=names,
            weights=sample_weight,
            precision=self.network_.output_precision,
        )

    def _output_names(self) -> tuple[str, ...]:
        names = tuple(map(str, self.classes_))
        return names[1:] if self.network_.n_outputs == 1 else names
