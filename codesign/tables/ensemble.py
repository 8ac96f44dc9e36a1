"""Ensemble: the trees of a network while it grows, and the scores of all events that they give."""

from dataclasses import dataclass

import numpy as np

from codesign.tables.candidates import Candidates
from codesign.tables.kernels import add_values, find_cells
from codesign.tables.losses import Loss
from codesign.tables.sums import PairSums


@dataclass(frozen=True, eq=False)
class Tree:
    """A table of whole numbers, which its keys, the first the lowest bit, look up.

    Args:
        output: that it is added to.
        keys: (n_keys, 2) int64: feature and column of :class:`Candidates`.
        codes: (2^n_keys,) int64, in units of the step.
    """

    output: int
    keys: np.ndarray
    codes: np.ndarray

    @property
    def shift(self) -> int:
        """Lowest bits that are alike in all values."""
        apart = int(np.bitwise_or.reduce(self.codes - self.codes.min()))
        return (apart & -apart).bit_length() - 1 if apart else 0

    @property
    def span(self) -> int:
        """Largest less smallest value."""
        return int(np.ptp(self.codes))


class Ensemble:
    """Trees and scores; whoever changes one goes through it.

    Args:
        candidates: keys.
        bins: (n_features, n_events) of the candidates.
        loss: of the events.
        step: value of a code of 1, a power of two.
        sums: of inputs, whose keys are candidates behind those of the inputs; None: there are none.
    """

    def __init__(
        self, candidates: Candidates, bins: np.ndarray, loss: Loss, step: float, sums: PairSums | None = None
    ) -> None:
        self.candidates, self.bins, self.loss, self.step, self.sums = candidates, bins, loss, step, sums
        self.offset = np.round(loss.start() / step) * step
        self.scores = np.repeat(self.offset[:, np.newaxis], bins.shape[1], 1).astype(np.float32)
        loss.begin(self.scores)
        self.trees: list[Tree] = []
        self.uses = np.zeros(candidates.significant.shape, np.int64)

    @property
    def n_outputs(self) -> int:
        """Scores of an event."""
        return len(self.scores)

    def cells(self, keys: np.ndarray) -> np.ndarray:
        """Return the cell of each event under some keys."""
        return find_cells(self.bins, np.ascontiguousarray(keys[:, 0]), self.candidates.sides(keys))

    def add(self, tree: Tree, cells: np.ndarray | None = None) -> None:
        """Put a tree at the end."""
        self.trees.append(tree)
        self.count(tree, 1)
        self.move(tree.output, self.cells(tree.keys) if cells is None else cells, tree.codes)

    def count(self, tree: Tree, times: int) -> None:
        """Note that the keys of a tree are used, or, -1, are not any more."""
        np.add.at(self.uses, tuple(tree.keys.T), times)

    def move(self, output: int, cells: np.ndarray, codes: np.ndarray) -> None:
        """Add codes to the scores of an output, by the cells of the events."""
        add_values(self.scores[output], cells, (codes * self.step).astype(np.float32))
        self.loss.moved(output, self.scores[output])

    def shift_offset(self, output: int, codes: int) -> None:
        """Add to the offset of an output."""
        self.offset[output] += codes * self.step
        self.scores[output] += np.float32(codes * self.step)
        self.loss.moved(output, self.scores[output])

    def scores_of(self, codes: np.ndarray) -> np.ndarray:
        """Return (n_outputs, n_events) float64 scores of any events, (n_events, n_features) codes from 0."""
        scores = np.repeat(self.offset[:, np.newaxis], len(codes), 1)
        used = {tuple(key): None for tree in self.trees for key in tree.keys.tolist()}
        bits = {key: self.candidates.key_bits(codes, key) for key in used}
        for tree in self.trees:
            cells = np.zeros(len(codes), np.int64)
            for place, key in enumerate(tree.keys.tolist()):
                cells |= bits[tuple(key)].astype(np.int64) << place
            scores[tree.output] += tree.codes[cells] * self.step
        return scores
