"""CollapseToBudget: rounds a network of PosteriorDense layers such that it ends within a number of LUTs, and of adder levels."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import checked
from codesign.posterior import CollapseSchedule
from codesign.posterior.graph_budget import GraphBudget
from codesign.posterior.lut_budget import AIMED_SHARE, TRIAL_EVENTS, trial_graph
from codesign.posterior.trim import trim

_WIDTHS = (0.25, 16.0)
_BISECTIONS = 8


@checked
class CollapseToBudget(CollapseSchedule):
    """CollapseSchedule that ends with at most `lut` LUTs, and near them, and with at most `adder_levels` levels of adders.

    At the start of each part, `weight_width` is chosen by bisection such that the network, if all of it collapsed now, takes 97 % of
    the LUTs and no level too many. If it still takes more at the end, weights are set to zero until it fits: the smallest in units of
    what their inputs carry, or, if only levels are in excess, the smallest on the longest ways.

    Args:
        lut: LUTs that are not to be exceeded, by da4ml's cost of the adder graph.
        x_train: (n_events, n_features) training events.
        adder_levels: adders that are not to be exceeded on the longest way from an input to an output; None leaves it open.
        parts, input_width: see :class:`codesign.compress.CollapseSchedule`.

    Raises:
        ConfigError: for a budget that is none.
        BudgetError: when `fit` ends, for a budget that no network of this shape meets; it says the least that was reached,
            which the model then holds: a network of which at least one output depends on an input. Also for a network that is
            constant, its weights drowned by their noise.
    """

    def __init__(
        self,
        lut: float,
        x_train: np.ndarray,
        *,
        adder_levels: int | None = None,
        parts: Sequence[float] = (0.4, 0.65, 0.82, 0.92, 1.0),
        input_width: float = 1.2,
    ) -> None:
        super().__init__(x_train, parts=parts, input_width=input_width)
        self.budget = GraphBudget(lut, adder_levels)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        if self.wanted_parts(epoch) > self.begun_parts:
            self.weight_width = self._fitting_width()
        super().on_epoch_begin(epoch, logs)

    def finish(self) -> None:
        super().finish()
        if all(layer.is_collapsed for layer in self.layers):
            trim(self.model, self.layers, self.budget, self.cover_ranges)

    def _fitting_width(self) -> float:
        """Return the smallest width that was found to fit, or the largest that leaves more than a constant."""
        (low, high), fitting = np.log(_WIDTHS), None
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            graph = trial_graph(
                self.model,
                self.x_train[:TRIAL_EVENTS],
                weight_width=float(np.exp(middle)),
                input_width=self.input_width,
            )
            if graph.is_constant:
                high = middle
            elif self.budget.is_met(graph, lut_share=AIMED_SHARE):
                high = fitting = middle
            else:
                low = middle
        return float(np.exp(low if fitting is None else fitting))
