"""train_designs: events and a budget in, networks out, by the best methods there are."""

from collections.abc import Mapping, Sequence
from os import PathLike

from codesign._arguments import check_range, check_seed, checked
from codesign.data import Dataset
from codesign.data.checks import check_several_classes
from codesign.errors import ConfigError
from codesign.fpga import Budget
from codesign.fpga.design.design import Design
from codesign.jobs import Runner
from codesign.methods.front import Front
from codesign.methods.measure import Judge
from codesign.methods.names import BEST, chosen_methods
from codesign.methods.qkeras import QKerasSettings
from codesign.methods.search import Search, SearchOptions
from codesign.methods.teaching import ENSEMBLE, read_teacher
from codesign.methods.training_search import TrainingSearch

_HELD_OUT = 0.1
_LARGEST_COUNT = 100_000  # of units and epochs: beyond it is a slip of the keyboard


@checked
def train_designs(
    data: Dataset,
    budget: Budget,
    *,
    methods: Sequence[str] = (BEST,),
    teacher: object = ENSEMBLE,
    metric: str | None = None,
    hidden: Sequence[int] | None = None,
    epochs: int | None = None,
    qkeras: QKerasSettings | None = None,
    clock_period_ns: float = Design.clock_period_ns,
    part: str = Design.part,
    directory: str | PathLike | None = None,
    seed: int = 0,
    jobs: int | Runner = -1,
    time_limit_s: float | None = None,
    progress: bool = True,
    search: TrainingSearch | None = None,
) -> Front:
    """Train networks of several sizes within a budget, side by side, and return the front of their designs.

    The budget steers the training: its LUTs bound the adder graph, its latency the adders on the longest way through
    it. A limit on a metric without one on the LUTs starts a search for the smallest network that meets it. Designs are
    chosen on a tenth of the training events that no training sees; the test events are not looked at.

    Args:
        data: standardised, or in words (:meth:`codesign.Dataset.in_words`).
        budget: limits.
        methods: ``best``, which takes ``tables`` and ``posterior``, or some of ``tables`` (thresholds and six-input
            tables, grown at a falling price of a LUT), ``posterior`` (dense layers: precision learnt, rounded within
            its noise, refined), ``qkeras`` (QKeras, pruned by TFMOT, one training for each width) and ``drone`` (a
            student that grows until it imitates the teacher, its precision then learnt).
        teacher: ``ensemble``, dense nets that are trained first, whose probabilities are the labels; None, the labels
            themselves; or whatever :func:`codesign.as_teacher` takes, a file of XGBoost for example. A teacher of your
            own is given events in words in physical units, others as they are.
        metric: that designs are chosen by; None takes the accuracy, or ``rmse``.
        hidden: units of each hidden layer; None chooses by the task.
        epochs: of the training with noise, or of QKeras; None chooses by the number of events.
        qkeras: how the method of this name trains, and what it sweeps.
        clock_period_ns: target clock period.
        part: FPGA part.
        directory: where each stage that is finished is kept, so that a run that was stopped goes on, to the same
            networks; None keeps nothing.
        seed: of everything random.
        jobs: processes, of one thread each; -1 takes all cores; or a :class:`codesign.Runner`.
        time_limit_s: after this time no training is begun, once there is one.
        progress: show a bar on standard error, with the best that was reached.
        search: hidden sizes and cost weights of the method ``posterior`` to search, instead of one training for each
            size that the budget asks for; `directory` then holds ``search.journal``, a journal of Optuna.

    Raises:
        BudgetError: for a budget that none of the networks meets; it says which came nearest.
        ConfigError: for an unknown method, metric, part, or no processes.
        DataError: for data of one class, a teacher of something else, a directory that another run writes, or one
            that holds the search of something else.
        TrainingError: if a training diverges at every learning rate.

    Example:
        >>> import numpy as np
        >>> from codesign import Budget, Dataset, train_designs
        >>> x = np.random.default_rng(0).normal(size=(600, 2))
        >>> y = (x[:, 0] > 0).astype(int)
        >>> data = Dataset(x[:400], y[:400], x[400:], y[400:], ("pt", "eta"), ("no", "yes"))
        >>> options = dict(hidden=(4,), epochs=4, teacher=None, jobs=1, progress=False)
        >>> train_designs(data, Budget(lut=100), **options).picked.smallest.report.lut <= 100
        True
    """
    methods = chosen_methods(methods, "methods")
    _check(data, methods, teacher, {"hidden": hidden or (), "epochs": () if epochs is None else (epochs,)})
    check_seed(seed)
    if search is not None:
        _check_search(methods, hidden)
    rest, held = data.hold_out(_HELD_OUT, seed=seed)
    judge = Judge.of(data, held, budget, metric, clock_period_ns=clock_period_ns, part=part)
    options = SearchOptions(
        qkeras=qkeras or QKerasSettings(),
        methods=methods,
        hidden=None if hidden is None else tuple(hidden),
        epochs=epochs,
        seed=seed,
        jobs=jobs,
        time_limit_s=time_limit_s,
        progress=progress,
        search=search,
    )
    is_ensemble = isinstance(teacher, str) and teacher == ENSEMBLE
    return Search(rest, budget, judge, options).run(ENSEMBLE if is_ensemble else read_teacher(teacher), directory)


def _check(data: Dataset, methods: Sequence[str], teacher: object, counts: Mapping[str, Sequence[int]]) -> None:
    """Refuse what would be found out after minutes."""
    if "drone" in methods and teacher is None:
        raise ConfigError("teacher: expected one for the method drone, which imitates it. Received: None")
    for name, values in counts.items():
        for value in values:
            check_range(value, name, 1, _LARGEST_COUNT)
    check_several_classes(data.classes)


def _check_search(methods: Sequence[str], hidden: Sequence[int] | None) -> None:
    """Refuse what a search does not go with."""
    if "posterior" not in methods:
        raise ConfigError(
            f"search: expected the method posterior, whose trainings are searched. Received: {', '.join(methods)}"
        )
    if hidden is not None:
        raise ConfigError(
            f"hidden: expected None beside a search, which chooses the sizes. Received: {list(hidden)!r:.60}; give the "
            "search its layers and units"
        )
