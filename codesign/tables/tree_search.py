"""Tree search: the keys and the table that gain most, less the price of their LUTs."""

from dataclasses import dataclass

import numpy as np

from codesign.tables.ensemble import Ensemble, Tree
from codesign.tables.kernels import cell_sums, key_gains
from codesign.tables.leaves import monotone_values, quantise_leaves
from codesign.tables.prices import Prices

_STEPS = 2  # of Newton's, beside the first


@dataclass
class SearchSettings:
    """How trees are searched.

    Args:
        price: loss, summed over events, that a LUT has to bring.
        ridge: added to the curvature of every leaf.
        most_keys: of a tree, at most 6.
        most_bits: of a table.
        events: that keys are searched on.
        prices: LUTs of keys and tables.
        signs: (n_features,) 1 where values must rise with a feature, -1 where they must fall; None: nowhere.
    """

    price: float
    ridge: float = 2.0
    most_keys: int = 6
    most_bits: int = 5
    events: int = 30_000
    prices: Prices = Prices()
    signs: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """A tree, what it gains less its price, and the cells of the events."""

    tree: Tree
    gain: float
    cells: np.ndarray


class Place:
    """Where a tree is searched: an output, without the tree that is there already, if any.

    Args:
        ensemble: all trees.
        output: number.
        tree: that is to be replaced, or None.
    """

    def __init__(self, ensemble: Ensemble, output: int, tree: Tree | None = None) -> None:
        self.output, self.tree = output, tree
        scores = ensemble.scores[output]
        self.slopes = ensemble.loss.slopes(output, scores)
        self.rest, self.cells = scores, None
        if tree is not None:
            self.cells = ensemble.cells(tree.keys)
            values = (tree.codes * ensemble.step).astype(np.float32)[self.cells]
            self.rest = scores - values
            self.slopes[:, 0] -= self.slopes[:, 1] * values
        self.total = ensemble.loss.total(output, self.rest)


class TreeSearch:
    """Searches one tree for an output, the others of an ensemble held fixed.

    Args:
        ensemble: that it is for; the tree that is to be replaced is not counted among its keys any more.
        settings: of the search.
        rng: chooses the events that keys are searched on.
    """

    def __init__(self, ensemble: Ensemble, settings: SearchSettings, rng: np.random.Generator) -> None:
        self._ensemble, self._settings, self._rng = ensemble, settings, rng
        significant = ensemble.candidates.significant
        self._key_luts = settings.prices.keys(np.where(np.isfinite(significant), significant, 0))

    def fresh(self, here: Place, swaps: int) -> Found | None:
        """Return a tree from scratch, None if none pays.

        Args:
            here: where it is added.
            swaps: times that each key is searched again.
        """
        part, slopes_here, scale = self._part(here.slopes)
        bins, keys = self._ensemble.bins[:, part], np.zeros((0, 2), np.int64)
        cells, last = np.zeros(bins.shape[1], np.uint8), self._constant(slopes_here) * scale
        while len(keys) < min(5, self._settings.most_keys):
            key, net, gain = self._best_key(bins, cells, slopes_here, 1 << len(keys), scale)
            if key is None or net - last <= 1e-6:
                break
            last = gain
            keys = np.vstack([keys, key])
            cells |= self._bits(bins, key) << (len(keys) - 1)
        if not len(keys):
            return None
        return self._finished(here, self._swapped(keys, part, slopes_here, swaps))

    def improved(self, here: Place, swaps: int) -> Found | None:
        """Return a tree that begins with the keys of another, None if none pays."""
        part, slopes_here, _ = self._part(here.slopes)
        return self._finished(here, self._swapped(here.tree.keys, part, slopes_here, swaps))

    def _finished(self, here: Place, keys: np.ndarray) -> Found | None:
        found = [self.table(here, keys)]
        if len(keys) == 5 and self._settings.most_keys > 5:
            part, slopes_here, scale = self._part(here.slopes)
            cells = self._ensemble.cells(keys)[part]
            key, _, _ = self._best_key(self._ensemble.bins[:, part], cells, slopes_here, 32, scale)
            if key is not None:
                found.append(self.table(here, np.vstack([keys, key])))
        found = [one for one in found if one is not None]
        return max(found, key=lambda one: one.gain) if found else None

    def table(self, here: Place, keys: np.ndarray) -> Found | None:
        """Return the tree of some keys with its best table, None if none pays."""
        ensemble, settings = self._ensemble, self._settings
        cells = ensemble.cells(keys)
        values, curvature = self._best_values(here, cells, 1 << len(keys))
        if settings.signs is not None and settings.signs.any():
            values = monotone_values(values, curvature, settings.signs[keys[:, 0]])
        luts = settings.prices.tables(len(keys), settings.most_bits)
        step = ensemble.step
        codes, _ = quantise_leaves(values / step, curvature * step**2, settings.price * luts)
        tree = Tree(here.output, keys, codes)
        moved = here.rest + (codes * step).astype(np.float32)[cells]
        spent = luts[(tree.span >> tree.shift).bit_length()] + self._new_key_luts(keys)
        gain = here.total - ensemble.loss.total(here.output, moved) - settings.price * spent
        return Found(tree, gain, cells) if gain > 0 else None

    def _best_values(self, here: "Place", cells: np.ndarray, n_cells: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the values of all cells by Newton's steps, and the curvatures there, (n_cells,) each."""
        ridge, slopes, trust = self._settings.ridge, here.slopes, self._ensemble.loss.trust
        gradient, curvature = cell_sums(cells, slopes, n_cells).T
        values = np.clip(-gradient / (curvature + ridge), -trust, trust)
        for _ in range(_STEPS):
            at = here.rest + values.astype(np.float32)[cells]
            gradient, curvature = cell_sums(cells, self._ensemble.loss.slopes(here.output, at), n_cells).T
            values = values - np.clip((gradient + ridge * values) / (curvature + ridge), -trust, trust)
        return values, curvature + ridge

    def _new_key_luts(self, keys: np.ndarray) -> float:
        places = tuple(keys.T)
        return float(self._key_luts[places][self._ensemble.uses[places] == 0].sum())

    def _part(self, slopes: np.ndarray) -> tuple[slice, np.ndarray, float]:
        n_events, wanted = len(slopes), self._settings.events
        if n_events <= wanted:
            return slice(None), slopes, 1.0
        first = int(self._rng.integers(n_events - wanted + 1))
        part = slice(first, first + wanted)
        return part, slopes[part], n_events / wanted

    def _constant(self, slopes: np.ndarray) -> float:
        gradient, curvature = slopes.sum(0, dtype=np.float64)
        return 0.5 * gradient**2 / (curvature + self._settings.ridge)

    def _best_key(
        self, bins: np.ndarray, cells: np.ndarray, slopes: np.ndarray, n_cells: int, scale: float
    ) -> tuple[np.ndarray | None, float, float]:
        """Return the key that gains most, its price subtracted, what it then gains, and its gain without a price."""
        candidates, settings = self._ensemble.candidates, self._settings
        layout = candidates.n_bins, candidates.masks, n_cells
        gains = key_gains(bins, cells, slopes, layout, settings.ridge / scale).astype(np.float64) * scale
        is_key = np.isfinite(candidates.significant)
        charged = np.where(is_key & (self._ensemble.uses == 0), self._key_luts, 0.0)
        net = np.where(is_key, gains - settings.price * charged, -np.inf)
        place = np.unravel_index(net.argmax(), net.shape)
        return (
            (np.array(place), float(net[place]), float(gains[place])) if np.isfinite(net[place]) else (None, 0.0, 0.0)
        )

    def _swapped(self, keys: np.ndarray, part: slice, slopes: np.ndarray, swaps: int) -> np.ndarray:
        """Return keys, each in turn replaced by the best one given the others."""
        bins, scale, keys = self._ensemble.bins[:, part], len(self._ensemble.bins[0]) / len(slopes), keys.copy()
        cells = self._ensemble.cells(keys)[part]
        for _ in range(swaps):
            before = keys.copy()
            for place in range(len(keys)):
                low = np.uint8((1 << place) - 1)
                others = (cells & low) | ((cells >> np.uint8(place + 1)) << np.uint8(place))
                key, _, _ = self._best_key(bins, others, slopes, 1 << (len(keys) - 1), scale)
                if key is None or (key == keys[place]).all():
                    continue
                keys[place] = key
                high = (others >> np.uint8(place)) << np.uint8(place + 1)
                cells = (others & low) | high | (self._bits(bins, key) << np.uint8(place))
            if (keys == before).all():
                break
        return keys

    def _bits(self, bins: np.ndarray, key: np.ndarray) -> np.ndarray:
        return self._ensemble.candidates.sides(key[np.newaxis])[0][bins[key[0]]]
