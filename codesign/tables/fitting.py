"""Fitting: adds trees to an ensemble, and fits those that are there again, each given all others."""

import numpy as np

from codesign.tables.ensemble import Ensemble, Tree
from codesign.tables.tree_search import Found, SearchSettings, TreeSearch


class Fitting:
    """Changes an ensemble so that its loss, with a price on LUTs, falls.

    Args:
        ensemble: changed in place.
        settings: of the search.
        rng: for orders.
    """

    def __init__(self, ensemble: Ensemble, settings: SearchSettings, rng: np.random.Generator) -> None:
        self.ensemble, self.settings, self._rng = ensemble, settings, rng
        self._search = TreeSearch(ensemble, settings, rng)

    def best_new(self, swaps: int = 1) -> list[Found]:
        """Return the tree that is best for each output, if it pays."""
        ensemble = self.ensemble
        found = (self._search.fresh(self._search.place(output), swaps) for output in range(ensemble.n_outputs))
        return sorted((one for one in found if one is not None), key=lambda one: -one.gain)

    def backfit(self, *, fresh: float, swaps: int = 1, until: int | None = None) -> None:
        """Fit every tree again, in a random order; a tree that does not pay any more is taken out.

        Args:
            fresh: share of the trees that are searched from scratch too.
            swaps: times that each key is searched again.
            until: as many of them at most.
        """
        for place in self._rng.permutation(len(self.ensemble.trees))[:until]:
            self._fit_again(int(place), self._rng.random() < fresh, swaps)
        kept = [tree for tree in self.ensemble.trees if len(tree.codes) and tree.span]
        self.ensemble.trees = kept

    def _fit_again(self, place: int, is_fresh: bool, swaps: int) -> None:
        ensemble, tree = self.ensemble, self.ensemble.trees[place]
        here = self._search.place(tree.output, tree)
        ensemble.count(tree, -1)
        found = [self._search.improved(here, swaps)]
        if is_fresh:
            found.append(self._search.fresh(here, swaps))
        found = [one for one in found if one is not None]
        ensemble.move(tree.output, here.cells, -tree.codes)
        if not found:
            ensemble.trees[place] = Tree(tree.output, tree.keys[:0], np.zeros(1, np.int64))
            return
        best = max(found, key=lambda one: one.gain)
        ensemble.trees[place] = best.tree
        ensemble.count(best.tree, 1)
        ensemble.move(tree.output, best.cells, best.tree.codes)

    def refit_leaves(self, passes: int) -> None:
        """Fit tables and offsets again, keys as they are."""
        ensemble = self.ensemble
        for _ in range(passes):
            for place in self._rng.permutation(len(ensemble.trees)):
                tree = ensemble.trees[place]
                here = self._search.place(tree.output, tree)
                ensemble.count(tree, -1)
                found = self._search.table(here, tree.keys)
                ensemble.count(tree, 1)
                if found is not None:
                    ensemble.move(tree.output, here.cells, found.tree.codes - tree.codes)
                    ensemble.trees[place] = found.tree
            self._refit_offsets()

    def _refit_offsets(self) -> None:
        ensemble = self.ensemble
        for output in range(ensemble.n_outputs):
            gradient, curvature = ensemble.loss.slopes(output, ensemble.scores[output]).sum(0, dtype=np.float64)
            ensemble.shift_offset(output, round(-gradient / (curvature + 1e-9) / ensemble.step))
