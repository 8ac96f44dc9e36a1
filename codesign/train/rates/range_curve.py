"""LearningRateCurve: what a range test has found."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARGIN = 10  # below the rate of the lowest loss, where the loss is about to rise
_WIDTH = 20  # neighbours of a batch are those within a 20th of all


@dataclass(frozen=True, eq=False)
class LearningRateCurve:
    """The loss of each batch at its learning rate.

    Args:
        learning_rates: (n,) each higher than the last by the same factor.
        losses: (n,) of each batch, before the step at this rate.
        is_stopped: whether the loss ran away before the highest rate.
    """

    learning_rates: np.ndarray
    losses: np.ndarray
    is_stopped: bool

    @property
    def smoothed(self) -> np.ndarray:
        """(n,) losses, each the mean of its neighbours; what is above twice the first counts as that."""
        reach = max(1, len(self.losses) // _WIDTH)
        ceiling = 2 * np.abs(self.losses[0])
        padded = np.pad(np.minimum(np.nan_to_num(self.losses, nan=np.inf), ceiling), reach, mode="edge")
        return np.convolve(padded, np.full(2 * reach + 1, 1 / (2 * reach + 1)), "valid")

    @property
    def suggestion(self) -> float:
        """A tenth of the learning rate of the lowest smoothed loss, but none below those that were tried."""
        return float(max(self.learning_rates[int(np.argmin(self.smoothed))] / _MARGIN, self.learning_rates[0]))

    def plot(self) -> "Figure":
        """Return the figure: losses, their smoothed curve, the suggestion; `.savefig(path)` writes it."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.subplots()
        axes.plot(self.learning_rates, self.losses, ".", color="#999999", label="batch")
        axes.plot(self.learning_rates, self.smoothed, color="#0072b2", label="smoothed")
        axes.axvline(self.suggestion, color="#d55e00", linestyle="--", label=f"suggestion: {self.suggestion:.1e}")
        low, high = self.smoothed.min(), max(self.smoothed[0], self.losses[0])
        margin = 0.25 * (high - low) + 1e-12
        axes.set(xscale="log", xlabel="learning rate", ylabel="loss", ylim=(low - margin, high + 2 * margin))
        axes.legend()
        return figure
