"""Place: where a tree is searched, with what the search looks at again and again."""

import numpy as np

from codesign.tables.ensemble import Ensemble, Tree
from codesign.tables.kernels import find_cells


class Place:
    """An output without the tree that is there already, if any.

    Args:
        ensemble: all trees.
        output: number.
        tree: that is to be replaced, or None.
        part: the events that keys are searched on.
    """

    def __init__(self, ensemble: Ensemble, output: int, tree: Tree | None, part: slice) -> None:
        self.output, self.tree, self.cells = output, tree, None
        self._candidates, self.bins = ensemble.candidates, ensemble.bins[:, part]
        self.scale = ensemble.bins.shape[1] / self.bins.shape[1]
        rest = scores = ensemble.scores[output]
        self.slopes = ensemble.loss.slopes(output, scores, part)
        if tree is not None:
            self.cells = ensemble.cells(tree.keys)
            values = (tree.codes * ensemble.step).astype(np.float32)[self.cells]
            rest = scores - values
            self.slopes[:, 0] -= self.slopes[:, 1] * values[part]
        self.loss = ensemble.loss.without_tree(output, rest)
        self.total = ensemble.loss.total(output, rest)

    def cells_of(self, keys: np.ndarray) -> np.ndarray:
        """Return the cells of the events that keys are searched on."""
        return find_cells(self.bins, np.ascontiguousarray(keys[:, 0]), self._candidates.sides(keys))
