"""Annealing: the price of a LUT falls, the ensemble grows, and networks of every size are kept on the way."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from codesign.fpga.rtl.luts.offset import with_cheapest_offset
from codesign.tables.as_network import as_network, count_luts
from codesign.tables.ensemble import Ensemble
from codesign.tables.fitting import Fitting
from codesign.tables.growth import Grown, front_of
from codesign.tables.logit_losses import Softmax
from codesign.tables.losses import Loss
from codesign.tables.tree_search import SearchSettings

_DECAY, _FIRST_LUTS = 0.75, 20
_FEW, _NEAR = 12, 0.5  # from so many trees on all outputs get one whose gain is near the best
_FRESH, _ALL = 0.25, 40  # trees searched from scratch when fitted again; as many are all fitted, then half of them
_SEARCHED, _LEAST_EVENTS = 600_000, 10_000  # values that each key is searched on: events times features
_PATIENCE = 8  # sizes without a lower loss of events that are held out


class Annealing:
    """Grows an ensemble at a falling price.

    Args:
        ensemble: without trees.
        held_codes: (n_events, n_features) codes from 0 of events that are held out.
        held_loss: of these events.
        rng: of everything random.
        signs: (n_features,) of monotone features.
    """

    def __init__(
        self,
        ensemble: Ensemble,
        held_codes: np.ndarray,
        held_loss: Loss,
        rng: np.random.Generator,
        *,
        signs: np.ndarray,
    ) -> None:
        self._ensemble, self._held_codes, self._held_loss = ensemble, held_codes, held_loss
        searched = max(_LEAST_EVENTS, _SEARCHED // len(ensemble.bins))
        self._settings = SearchSettings(0.0, signs=signs, events=searched)
        self._fitting = Fitting(ensemble, self._settings, rng)
        self._found: list[Grown] = []

    def run(self, max_lut: float, report: Callable[[float], None]) -> tuple[Grown, ...]:
        """Return the front of networks up to a number of LUTs."""
        self._keep()
        first = self._fitting.best_new()
        if not first:
            return front_of(self._found)
        self._settings.price, least = first[0].gain / _FIRST_LUTS, first[0].gain * 1e-7
        while self._settings.price > least:
            before = len(self._ensemble.trees)
            is_full = self._add()
            self._fitting.backfit(fresh=_FRESH, until=max(_ALL, len(self._ensemble.trees) // 2))
            self._fitting.refit_leaves(1)
            lut = self._keep()
            report(min(1.0, np.log(1 + lut) / np.log(1 + max_lut)))
            if lut > max_lut or self._is_over():
                break
            if is_full or len(self._ensemble.trees) <= before:
                self._settings.price *= _DECAY
        front = front_of([one for one in self._found if one.lut <= max_lut])
        return front_of([_with_free_offset(one) for one in front]) if self._is_relative else front

    @property
    def _is_relative(self) -> bool:
        """Whether only differences of the scores count."""
        return isinstance(self._ensemble.loss, Softmax)

    def _add(self) -> bool:
        """Add trees while they pay, a part more at most; return whether none pays any more."""
        trees = self._ensemble.trees
        for _ in range(3 + len(trees) // 20):
            new = self._fitting.best_new()
            if not new:
                return True
            for index, found in enumerate(new):
                if index == 0 or (len(trees) >= _FEW and found.gain >= _NEAR * new[0].gain):
                    self._ensemble.add(found.tree, found.cells)
        return False

    def _keep(self) -> float:
        """Keep the network as it is, and return its LUTs."""
        network = as_network(self._ensemble)
        lut = count_luts(self._ensemble)
        loss = self._held_loss.mean(self._ensemble.scores_of(self._held_codes))
        self._found.append(Grown(network, lut, loss, len(self._ensemble.trees)))
        return lut

    def _is_over(self) -> bool:
        losses = [one.loss for one in self._found]
        return len(losses) - 1 - int(np.argmin(losses)) > _PATIENCE


def _with_free_offset(one: Grown) -> Grown:
    network, saved = with_cheapest_offset(one.network)
    return replace(one, network=network, lut=one.lut - saved)
