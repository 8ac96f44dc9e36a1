"""Every training of `codesign reproduce hbb`."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from codesign.reproduce.hbb.exactness import count_active
from codesign.reproduce.hbb.pruning import prune_to_budget, prune_to_share
from codesign.reproduce.hbb.selection import rank_by_cancel_out, rank_by_mutual_information, select_by_gate
from codesign.reproduce.hbb.training import Trainer
from codesign.reproduce.study import Job, Run

GATE, CANCEL_OUT, MUTUAL_INFORMATION = "gate", "CancelOut", "mutual information"
SELECTORS = (GATE, CANCEL_OUT, MUTUAL_INFORMATION)
OWN, EXACT = "gate, own network", "exact count"
SCRATCH, PATIENT = "as long", "longer"
_RANKINGS = {CANCEL_OUT: rank_by_cancel_out, MUTUAL_INFORMATION: rank_by_mutual_information}


def jobs(run: Run) -> Iterator[Job]:
    """Yield randomised trainings with gates, then for every seed what chooses features, and what prunes nodes."""
    trainer, settings = Trainer(run.data, run.settings), run.settings
    for number in range(settings.exactness_runs):
        yield Job(EXACT, number, partial(count_active, number))
    for seed in run.seeds:
        yield from _selections(run, trainer, seed)
        for share in settings.shares:
            yield from _prunings(run, trainer, seed, f"nodes {share}", partial(prune_to_share, trainer, seed, share))
        for macs in settings.budgets:
            yield from _prunings(run, trainer, seed, f"budget {macs}", partial(prune_to_budget, trainer, seed, macs))


def _selections(run: Run, trainer: Trainer, seed: int) -> Iterator[Job]:
    """Yield what chooses features, and networks trained from scratch on what was chosen."""
    for selector, rank in _RANKINGS.items():
        yield Job(f"ranking {selector}", seed, partial(rank, trainer, seed))
    for count in run.settings.counts:
        yield Job(f"{OWN} {count}", seed, partial(select_by_gate, trainer, seed, count))
        for selector in SELECTORS:
            yield Job(f"{selector} {count}", seed, partial(_selected, run, trainer, seed, (selector, count)))


def _prunings(run: Run, trainer: Trainer, seed: int, method: str, prune: Callable[[], dict]) -> Iterator[Job]:
    """Yield one pruning, and its architecture on its features from scratch, for as long and for longer."""
    yield Job(method, seed, prune)
    for length in (SCRATCH, PATIENT):
        yield Job(f"{method}, {length}", seed, partial(_from_scratch, run, trainer, seed, (method, length)))


def _selected(run: Run, trainer: Trainer, seed: int, which: tuple[str, int]) -> dict:
    """Return the features that a selector chooses, ascending, and the measure of a network trained on them."""
    selector, count = which
    if count == run.data.n_features:
        features = list(range(count))
    elif selector == GATE:
        features = sorted(run.results[f"{OWN} {count}"][seed]["features"])
    else:
        features = sorted(run.results[f"ranking {selector}"][seed]["ranking"][:count])
    return {"features": features, **_retrained(run, trainer, seed, (run.settings.hidden, features), "plain")}


def _from_scratch(run: Run, trainer: Trainer, seed: int, which: tuple[str, str]) -> dict:
    method, length = which
    pruned = run.results[method][seed]
    return _retrained(run, trainer, seed, (pruned["hidden"], pruned["features"]), length)


def _retrained(
    run: Run, trainer: Trainer, seed: int, network: tuple[Sequence[int], Sequence[int]], length: str
) -> dict:
    """Return the measure of a network trained from scratch; equal hidden units and features share it."""
    (hidden, features), settings = network, run.settings
    lengths = {"plain": settings.ordinary, SCRATCH: settings.gated, PATIENT: settings.patient}
    key = f"{length} {'-'.join(map(str, hidden))} on {','.join(map(str, features))} seed {seed}"
    options = {"hidden": hidden, "features": features, "length": lengths[length]}
    return run.shared(key, lambda: trainer.retrained(seed, **options))
