"""Every training of `codesign reproduce hbb`, each done once and kept in a file as soon as it is done."""

from collections.abc import Callable, Iterator, Sequence

from codesign.reproduce.hbb.exactness import count_active
from codesign.reproduce.hbb.pruning import prune_to_budget, prune_to_share
from codesign.reproduce.hbb.selection import rank_by_cancel_out, rank_by_mutual_information, select_by_gate
from codesign.reproduce.hbb.training import Trainer
from codesign.reproduce.result_cache import ResultCache

GATE, CANCEL_OUT, MUTUAL_INFORMATION = "gate", "CancelOut", "mutual information"
SELECTORS = (GATE, CANCEL_OUT, MUTUAL_INFORMATION)
_RANKINGS = {CANCEL_OUT: rank_by_cancel_out, MUTUAL_INFORMATION: rank_by_mutual_information}


class HbbExperiment:
    """Results by what was asked, trained when they are first needed.

    Args:
        trainer: data and settings.
        cache: where results are kept.
        seeds: of the trainings.
    """

    def __init__(self, trainer: Trainer, cache: ResultCache, seeds: Sequence[int]) -> None:
        self.trainer, self.cache, self.seeds = trainer, cache, tuple(seeds)
        self.settings = trainer.settings

    def gated(self, count: int, seed: int) -> dict:
        """Return what one training with a gate of this count chose, and how good that network is."""
        return self.cache.get(f"gate {count} seed {seed}", lambda: select_by_gate(self.trainer, seed, count))

    def chosen(self, selector: str, count: int, seed: int) -> tuple[int, ...]:
        """Return the features that a selector chooses, ascending."""
        if count == self.trainer.data.n_features:
            return tuple(range(count))
        if selector == GATE:
            return tuple(sorted(self.gated(count, seed)["features"]))
        result = self.cache.get(f"ranking {selector} seed {seed}", lambda: _RANKINGS[selector](self.trainer, seed))
        return tuple(sorted(result["ranking"][:count]))

    def retrained(self, features: Sequence[int], hidden: Sequence[int], seed: int) -> dict:
        """Return the measure of a plain network trained from scratch; selectors that choose alike share it."""
        key = f"plain {'-'.join(map(str, hidden))} on {','.join(map(str, features))} seed {seed}"
        return self.cache.get(key, lambda: self.trainer.retrained(seed, hidden=hidden, features=features))

    def selected(self, selector: str, count: int, seed: int) -> dict:
        """Return the measure of a network trained from scratch on what a selector chooses."""
        return self.retrained(self.chosen(selector, count, seed), self.settings.hidden, seed)

    def pruned(self, share: float, seed: int) -> dict:
        """Return the network that keeps a share of its hidden nodes."""
        return self.cache.get(f"nodes {share} seed {seed}", lambda: prune_to_share(self.trainer, seed, share))

    def budgeted(self, macs: int, seed: int) -> dict:
        """Return the network that kept a budget of multiply-accumulates."""
        return self.cache.get(f"macs {macs} seed {seed}", lambda: prune_to_budget(self.trainer, seed, macs))

    def from_scratch(self, pruned: dict, seed: int, *, patient: bool = False) -> dict:
        """Return the measure of the same architecture on the same features from scratch, for as long or longer."""
        features, hidden = pruned["features"], pruned["hidden"]
        length = self.settings.patient if patient else self.settings.gated
        key = (
            f"{'patient' if patient else 'shrunk'} {'-'.join(map(str, hidden))} on {','.join(map(str, features))} seed "
            f"{seed}"
        )
        return self.cache.get(
            key, lambda: self.trainer.retrained(seed, hidden=hidden, features=features, length=length)
        )

    def exactness(self, run: int) -> dict:
        """Return one randomised training of a small network with gates."""
        return self.cache.get(f"exactness {run}", lambda: count_active(run))

    def steps(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Yield everything that there is to train, as a label and a call."""
        for run in range(self.settings.exactness_runs):
            yield f"exact count {run}", lambda run=run: self.exactness(run)
        for seed in self.seeds:
            for count in self.settings.counts:
                yield f"gate, {count} features, seed {seed}", lambda k=count, s=seed: self.gated(k, s)
                for selector in SELECTORS:
                    yield (
                        f"{selector}, {count} features, seed {seed}",
                        lambda q=selector, k=count, s=seed: self.selected(q, k, s),
                    )
            for share in self.settings.shares:
                yield (
                    f"{share:.4g} of the nodes, seed {seed}",
                    lambda p=share, s=seed: self.from_scratch(self.pruned(p, s), s),
                )
                yield (
                    f"retrained, seed {seed}",
                    lambda p=share, s=seed: self.from_scratch(self.pruned(p, s), s, patient=True),
                )
            for macs in self.settings.budgets:
                yield f"{macs} MACs, seed {seed}", lambda b=macs, s=seed: self.from_scratch(self.budgeted(b, s), s)
                yield (
                    f"retrained, seed {seed}",
                    lambda b=macs, s=seed: self.from_scratch(self.budgeted(b, s), s, patient=True),
                )
