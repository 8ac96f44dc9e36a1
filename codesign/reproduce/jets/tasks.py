"""The tasks that the same networks are trained on, by the same settings: their events, goals and references."""

from collections.abc import Callable
from dataclasses import dataclass

from codesign.data import Dataset, load_dataset, load_pid
from codesign.errors import ConfigError, nearest
from codesign.reproduce.jets.references import load_gates, load_hgq2_front, load_published

_PID_TRACKS, _PID_TEST_SHARE, _PID_SEED = 130_000, 3 / 13, 1


@dataclass(frozen=True)
class Task:
    """One classification task; what it leaves out, nobody has measured for it before.

    Args:
        name: of the option ``--task``.
        title: of the table.
        load: returns standardised events.
        targets: test accuracies, and the adder cost at most that is the goal there.
        accuracies: range of test accuracies in which fronts are compared; None for what both fronts cover.
        reference: returns points of HGQ2 that come with the package.
        published: returns published taggers.
        gates: returns other methods of tables and gates, measured once on the same events.
    """

    name: str
    title: str
    load: Callable[[], Dataset]
    targets: tuple[tuple[float, int], ...] = ()
    accuracies: tuple[float, float] | None = None
    reference: Callable[[], list[dict]] = list
    published: Callable[[], list[dict]] = list
    gates: Callable[[], list[dict]] = list

    @property
    def label(self) -> str:
        """Return the name of its folder and in its JSON."""
        return "jets" if self.name == "jets" else f"jets-{self.name}"


def find_task(name: str) -> Task:
    """Return the task of this name.

    Raises:
        ConfigError: if there is none.
    """
    known = {task.name: task for task in TASKS}
    if name not in known:
        raise ConfigError(f"task: expected one of {', '.join(known)}. Received: {name}{nearest(name, known)}")
    return known[name]


def _load_pid() -> Dataset:
    """Return 100,000 training and 30,000 test tracks of a seed, standardised as in ``codesign reproduce pid``."""
    return load_pid(_PID_TRACKS, test_share=_PID_TEST_SHARE, seed=_PID_SEED).standardized(low=-8.0, high=8.0)


TASKS = (
    Task(
        "jets",
        "Jet tagging",
        lambda: load_dataset("jets_hlf").standardized(),
        targets=((0.6516, 580), (0.660, 1150), (0.665, 2300), (0.670, 4800)),
        accuracies=(0.640, 0.670),
        reference=load_hgq2_front,
        published=load_published,
        gates=load_gates,
    ),
    Task("hbb", "Boosted H -> bb against QCD jets", lambda: load_dataset("hbb").standardized()),
    Task("quark_gluon", "Quark against gluon jets", lambda: load_dataset("quark_gluon").standardized()),
    Task("b_decay", "B decays", lambda: load_dataset("b_decay").standardized()),
    Task("pid", "LHCb-like particle identification", _load_pid),
)
