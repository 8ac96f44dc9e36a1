"""CollapseToBudget: rounds a PosteriorDense network such that its adder graph ends within a cost, and a depth."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import checked
from codesign.network.layout import Events
from codesign.posterior.collapse import INPUT_WIDTH
from codesign.posterior.collapse_schedule import PARTS, CollapseSchedule
from codesign.posterior.graph_budget import AIMED_SHARE, GraphBudget, TrialCopy
from codesign.posterior.prune_to_budget import prune_to_budget

_WIDTHS = (0.25, 16.0)
_BISECTIONS = 8


@checked
class CollapseToBudget(CollapseSchedule):
    """CollapseSchedule that ends near this adder cost and not above it, with at most so many levels of adders.

    At the start of each part, the weights' width is chosen by bisection such that the network, if all of it collapsed
    now, takes 97 % of the cost and no level too many. If it still takes more at the end, weights are set to zero until
    it fits: the smallest in units of what their inputs carry, or, if only levels are in excess, the smallest on the
    critical paths.

    Args:
        adder_cost: da4ml's cost of the adder graph that is not to be exceeded: within a few per cent the LUTs of the
            circuit.
        x_train: (n_events, n_features) training events, of several inputs a list or a mapping by name.
        adder_levels: adders that are not to be exceeded on the critical path, the longest from an input to an output;
            None leaves it open.
        parts, input_width: see :class:`codesign.posterior.CollapseSchedule`.

    Raises:
        ConfigError: for a budget below 1.
        BudgetError: when `fit` ends, for a budget that no network of this shape meets; it says the least that was
            reached, which the model then holds: a network of which at least one output depends on an input. Also for a
            network that is constant, all its weights below their noise.

    Example:
        >>> import numpy as np
        >>> from codesign import CollapseToBudget, CostSchedule, Network, PosteriorDense, keras
        >>> from codesign.fpga.rtl.circuits import trace_circuit
        >>> x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), PosteriorDense(4, activation="relu"), PosteriorDense(1)])
        >>> model.compile("adam", "mse")
        >>> _ = model.fit(x, x[:, :1], epochs=4, verbose=0, callbacks=[CostSchedule(1e-5)])
        >>> model.compile("adam", "mse")
        >>> _ = model.fit(x, x[:, :1], epochs=5, verbose=0, callbacks=[CollapseToBudget(60, x)])
        >>> trace_circuit(Network.from_keras(model)).adder_cost <= 60
        True
    """

    def __init__(
        self,
        adder_cost: float,
        x_train: Events,
        *,
        adder_levels: int | None = None,
        parts: Sequence[float] = PARTS,
        input_width: float = INPUT_WIDTH,
    ) -> None:
        super().__init__(x_train, parts=parts, input_width=input_width)
        self.budget = GraphBudget(adder_cost, adder_levels)

    def on_train_begin(self, logs: dict | None = None) -> None:
        super().on_train_begin(logs)
        self._trial: TrialCopy | None = None

    def next_width(self) -> float:
        """Return the smallest width that was found to fit, or the largest that leaves more than a constant."""
        self._trial = self._trial or TrialCopy(self.model)
        (low, high), fitting = np.log(_WIDTHS), None
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            widths = {"weight_width": float(np.exp(middle)), "input_width": self.input_width}
            graph = self._trial.graph(self.x_train, **widths)
            if graph.is_constant:
                high = middle
            elif self.budget.is_met(graph, share=AIMED_SHARE):
                high = fitting = middle
            else:
                low = middle
        return float(np.exp(low if fitting is None else fitting))

    def finish(self) -> bool:
        is_finished = super().finish()
        if is_finished:
            prune_to_budget(self.model, self._steps.layers, self.budget, self._steps.cover_ranges)
        return is_finished
