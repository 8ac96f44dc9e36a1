"""What both estimators share: parameters, the search for designs, and the function of the gates."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from codesign.data import Dataset
from codesign.errors import ConfigError, nearest
from codesign.fpga import Budget, BuiltDesign
from codesign.handover import build_design
from codesign.methods import train_designs
from codesign.metrics import find_metric

_PICKS = ("best", "smallest", "fastest")
_KEPT_EVENTS = 1000  # of the training, to simulate what is synthesised
_SEEDS = 1_000_000


class FpgaEstimator(BaseEstimator):
    """Parameters are those of :class:`codesign.FpgaClassifier`."""

    def __init__(
        self,
        *,
        max_lut: int | None = 1000,
        max_latency_ns: float | None = None,
        budget: Mapping[str, float] | None = None,
        metric: str | None = None,
        pick: str = "best",
        methods: Sequence[str] = ("best",),
        teacher: object = "ensemble",
        hidden: Sequence[int] | None = None,
        epochs: int | None = None,
        words: Mapping[str, object] | str | None = None,
        word_bits: int | None = None,
        clock_period_ns: float = 5.0,
        part: str = "xcvu13p-flga2577-2-e",
        time_limit_s: float | None = None,
        n_jobs: int | None = -1,
        random_state: int | np.random.RandomState | None = 0,
        verbose: bool = False,
    ) -> None:
        self.max_lut = max_lut
        self.max_latency_ns = max_latency_ns
        self.budget = budget
        self.metric = metric
        self.pick = pick
        self.methods = methods
        self.teacher = teacher
        self.hidden = hidden
        self.epochs = epochs
        self.words = words
        self.word_bits = word_bits
        self.clock_period_ns = clock_period_ns
        self.part = part
        self.time_limit_s = time_limit_s
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def synthesize(self, directory: str | PathLike, X: np.ndarray | None = None, **options: object) -> BuiltDesign:
        """Write the projects of the design, prove them on events bit by bit, and count their LUTs with Yosys.

        Args:
            directory: made if it is missing; an earlier build in it is replaced.
            X: (n_events, n_features) events as :meth:`predict` takes them; None: some of the training.
            options: of :func:`codesign.build_design`.

        Raises:
            NotFittedError: before :meth:`fit`.
            CodesignError: see :func:`codesign.build_design`.
        """
        check_is_fitted(self)
        x = self.words_.values(self._codes) if X is None else self._encoded(X)
        described = {"features": self.words_.features, "outputs": self._output_names(), "words": self.words_}
        return build_design(self.design_, directory, x, **{**described, **options})

    def _budget(self) -> Budget:
        """The limits of all parameters together.

        Raises:
            ConfigError: for one that is set twice.
        """
        limits = dict(self.budget or {})
        for name, limit in (("lut", self.max_lut), ("latency_ns", self.max_latency_ns)):
            if limit is not None and limits.get(name, limit) != limit:
                raise ConfigError(f"budget: expected max_{name} or {name} in the budget. Received: both")
            limits[name] = limits.get(name, limit)
        return Budget.of({name: limit for name, limit in limits.items() if limit is not None})

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(_SEEDS))

    def _features(self, n_features: int) -> tuple[str, ...]:
        names = getattr(self, "feature_names_in_", [f"x{index}" for index in range(n_features)])
        return tuple(map(str, names))

    def _search(self, x: np.ndarray, y: np.ndarray, weights: np.ndarray | None, **names: tuple[str, ...]) -> Self:
        """Find the words, train, and keep what was found.

        Args:
            x: (n_events, n_features) float64.
            y: whole-number labels, or values.
            weights: (n_events,), or None.
            names: ``classes`` or ``targets``.
        """
        if self.pick not in _PICKS:
            raise ConfigError(
                f"pick: expected {', '.join(_PICKS)}. Received: {self.pick!r:.60}{nearest(self.pick, _PICKS)}"
            )
        metric, task = self.metric or self._default_metric, "classification" if "classes" in names else "regression"
        find_metric(metric, task=task, **names)
        features = self._features(x.shape[1])
        weighted = {} if weights is None else {"weights_train": weights, "weights_test": weights}
        data = Dataset(x, y, x, y, features=features, name=type(self).__name__, **names, **weighted)
        data = data.in_words(self.words, bits=self.word_bits)
        self.front_ = train_designs(
            data,
            self._budget(),
            methods=self.methods,
            teacher=self.teacher,
            metric=metric,
            hidden=self.hidden,
            epochs=self.epochs,
            clock_period_ns=self.clock_period_ns,
            part=self.part,
            seed=self._seed(),
            jobs=1 if self.n_jobs is None else self.n_jobs,
            time_limit_s=self.time_limit_s,
            progress=bool(self.verbose),
        )
        self.words_ = data.words
        self._codes = self.words_.codes(x[:_KEPT_EVENTS])
        self.design_ = getattr(self.front_.picked, self.pick)
        self.network_ = self.design_.network
        return self

    def _encoded(self, X: np.ndarray) -> np.ndarray:
        """Events in words, as the network takes them."""
        return self.words_.encode(validate_data(self, X, reset=False, dtype=np.float64))

    def _outputs(self, X: np.ndarray) -> np.ndarray:
        """(n_events, n_outputs) of the gates: exact."""
        check_is_fitted(self)
        return self.network_.emulate(self._encoded(X))


def checked_weights(sample_weight: np.ndarray | None, X: np.ndarray) -> np.ndarray | None:
    """Return the weights of events, or None.

    Raises:
        ValueError: as scikit-learn, for another shape, or weights that are negative.
    """
    if sample_weight is None:
        return None
    return _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
