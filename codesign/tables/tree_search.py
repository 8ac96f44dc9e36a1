"""Tree search: the keys and the table that gain most, less the price of their LUTs."""

from dataclasses import dataclass

import numpy as np

from codesign.tables.ensemble import Ensemble, Tree
from codesign.tables.kernels import key_gains
from codesign.tables.leaves import monotone_values, quantise_leaves
from codesign.tables.place import Place
from codesign.tables.prices import Prices

_STEPS, _ENOUGH = 5, 0.1  # of Newton's at most, and the part of a step of the table that ends them


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
    events: int
    ridge: float = 2.0
    most_keys: int = 6
    most_bits: int = 5
    prices: Prices = Prices()
    signs: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """A tree, what it gains less its price, and the cells of the events."""

    tree: Tree
    gain: float
    cells: np.ndarray


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
        self._sum_luts = np.zeros(len(significant))
        if ensemble.sums is not None:
            self._sum_luts[ensemble.candidates.n_inputs :] = ensemble.sums.luts * settings.prices.sum_share

    def place(self, output: int, tree: Tree | None = None) -> Place:
        """Return the place of a new tree, or of one that is to be replaced, with some of the events."""
        n_events, wanted = self._ensemble.bins.shape[1], self._settings.events
        if n_events <= wanted:
            return Place(self._ensemble, output, tree, slice(0, n_events))
        first = int(self._rng.integers(n_events - wanted + 1))
        return Place(self._ensemble, output, tree, slice(first, first + wanted))

    def fresh(self, here: Place, swaps: int) -> Found | None:
        """Return a tree from scratch, None if none pays.

        Args:
            here: where it is added.
            swaps: times that each key is searched again.
        """
        keys, cells = np.zeros((0, 2), np.int64), np.zeros(here.bins.shape[1], np.uint8)
        last = self._constant(here)
        while len(keys) < min(5, self._settings.most_keys):
            key, net, gain = self._best_key(here, cells, 1 << len(keys))
            if key is None or net - last <= 1e-6:
                break
            last = gain
            keys = np.vstack([keys, key])
            cells |= self._bits(here, key) << np.uint8(len(keys) - 1)
        return self._finished(here, self._swapped(here, keys, swaps)) if len(keys) else None

    def improved(self, here: Place, swaps: int) -> Found | None:
        """Return a tree that begins with the keys of the one that is there, None if none pays."""
        return self._finished(here, self._swapped(here, here.tree.keys, swaps))

    def _finished(self, here: Place, keys: np.ndarray) -> Found | None:
        found = [self.table(here, keys)]
        if len(keys) == 5 and self._settings.most_keys > 5:
            key, _, _ = self._best_key(here, here.cells_of(keys), 32)
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
        spent = luts[(tree.span >> tree.shift).bit_length()] + self._new_key_luts(keys)
        gain = here.total - here.loss.total(cells, codes * step) - settings.price * spent
        return Found(tree, gain, cells) if gain > 0 else None

    def _best_values(self, here: Place, cells: np.ndarray, n_cells: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the values of all cells by Newton's steps, and the curvatures there, (n_cells,) each."""
        ridge, trust = self._settings.ridge, self._ensemble.loss.trust
        values = np.zeros(n_cells)
        for _ in range(_STEPS):
            gradient, curvature = here.loss.slopes(cells, values).T
            change = np.clip((gradient + ridge * values) / (curvature + ridge), -trust, trust)
            values = values - change
            if np.abs(change).max() < _ENOUGH * self._ensemble.step:
                break
        return values, curvature + ridge

    def _new_key_luts(self, keys: np.ndarray) -> float:
        places = tuple(np.unique(keys, axis=0).T)
        comparators = self._key_luts[places][self._ensemble.uses[places] == 0].sum()
        return float(comparators + self._idle_sums()[np.unique(places[0])].sum())

    def _idle_sums(self) -> np.ndarray:
        """Return (n_features,) LUTs of the additions of sums that no key takes yet, 0 for others."""
        return np.where(self._ensemble.uses.any(1), 0.0, self._sum_luts)

    def _constant(self, here: Place) -> float:
        gradient, curvature = here.slopes.sum(0, dtype=np.float64) * here.scale
        return 0.5 * gradient**2 / (curvature + self._settings.ridge)

    def _best_key(self, here: Place, cells: np.ndarray, n_cells: int) -> tuple[np.ndarray | None, float, float]:
        """Return the key that gains most, its price subtracted, what it then gains, and its gain without a price."""
        candidates, settings = self._ensemble.candidates, self._settings
        layout = candidates.n_bins, candidates.masks, n_cells
        gains = key_gains(here.bins, cells, here.slopes, layout, settings.ridge / here.scale)
        gains = gains.astype(np.float64) * here.scale
        is_key = np.isfinite(candidates.significant)
        charged = np.where(is_key & (self._ensemble.uses == 0), self._key_luts, 0.0) + self._idle_sums()[:, np.newaxis]
        net = np.where(is_key, gains - settings.price * charged, -np.inf)
        place = np.unravel_index(net.argmax(), net.shape)
        return (
            (np.array(place), float(net[place]), float(gains[place])) if np.isfinite(net[place]) else (None, 0.0, 0.0)
        )

    def _swapped(self, here: Place, keys: np.ndarray, swaps: int) -> np.ndarray:
        """Return keys, each in turn replaced by the best one given the others."""
        keys, cells = keys.copy(), here.cells_of(keys)
        for _ in range(swaps):
            before = keys.copy()
            for place in range(len(keys)):
                low = np.uint8((1 << place) - 1)
                others = (cells & low) | ((cells >> np.uint8(place + 1)) << np.uint8(place))
                key, _, _ = self._best_key(here, others, 1 << (len(keys) - 1))
                if key is None or (key == keys[place]).all():
                    continue
                keys[place] = key
                high = (others >> np.uint8(place)) << np.uint8(place + 1)
                cells = (others & low) | high | (self._bits(here, key) << np.uint8(place))
            if (keys == before).all():
                break
        return keys

    def _bits(self, here: Place, key: np.ndarray) -> np.ndarray:
        return self._ensemble.candidates.sides(key[np.newaxis])[0][here.bins[key[0]]]
