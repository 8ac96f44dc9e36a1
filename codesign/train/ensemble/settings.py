"""What the members of an ensemble are, and how long they are trained."""

from dataclasses import dataclass

import numpy as np

from codesign._arguments import check_range, checked
from codesign.errors import ConfigError, nearest

ACTIVATIONS = ("relu", "swish", "tanh", "elu", "selu")


@checked
@dataclass(frozen=True)
class EnsembleSettings:
    """Members, and their training by Adam along one cycle (Smith, arXiv:1803.09820) of cosines.

    The learning rate goes from `learning_rate` / 100 up to `learning_rate` and down to 0, beta_1 of Adam from .95 to
    .85 and back.

    Args:
        members: networks; as many folds, each left out by one.
        hidden: units of the layers of a member.
        activation: behind each hidden layer: relu, swish, tanh, elu or selu.
        dense_connections: whether each layer takes the outputs of all before it (Huang et al., arXiv:1608.06993).
        epochs: of the whole cycle.
        warm_up: share of the epochs before the highest learning rate.
        learning_rate: the highest.
        batch_size: events of a step, of each member.
        patience: epochs without a better loss on its fold after which a member stops; None: it goes on to the end.
            Each keeps the weights of its best epoch either way.
        categories: (column, number of its categories) each, whole numbers from 0: it is embedded (Guo, Berkhahn,
            arXiv:1604.06737) rather than standardised.
        embedding_size: values that stand for a category.

    Raises:
        ConfigError: for numbers outside their limits, or an unknown activation.

    Example:
        >>> from codesign import EnsembleSettings
        >>> EnsembleSettings(members=4, epochs=30).hidden
        (32, 32, 32)
    """

    members: int = 10
    hidden: tuple[int, ...] = (32, 32, 32)
    activation: str = "swish"
    dense_connections: bool = False
    epochs: int = 15
    warm_up: float = 1 / 3
    learning_rate: float = 1e-2
    batch_size: int = 256
    patience: int | None = None
    categories: tuple[tuple[int, int], ...] = ()
    embedding_size: int = 3

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ConfigError(
                f"activation: expected one of {', '.join(ACTIVATIONS)}. Received: {self.activation!r:.60}"
                f"{nearest(self.activation, ACTIVATIONS)}"
            )
        check_range(self.members, "members", 2, 1000)
        check_range(self.epochs, "epochs", 1, 10**6)
        check_range(self.batch_size, "batch_size", 1, 10**7)
        check_range(self.learning_rate, "learning_rate", 1e-12, 1e3)
        check_range(self.warm_up, "warm_up", 0, 1)
        check_range(self.embedding_size, "embedding_size", 1, 1000)
        if self.patience is not None:
            check_range(self.patience, "patience", 1, 10**6)
        for units in self.hidden:
            check_range(units, "hidden", 1, 10**5)

    def course(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (epochs, steps) float32 learning rates, and beta_1 of Adam."""
        share = np.arange(self.epochs * steps) / (self.epochs * steps)
        rising = share < self.warm_up
        up = _cosine(share / max(self.warm_up, 1e-9))
        down = _cosine((share - self.warm_up) / max(1 - self.warm_up, 1e-9))
        low = self.learning_rate / 100
        rates = np.where(rising, low + (self.learning_rate - low) * up, self.learning_rate * (1 - down))
        momenta = np.where(rising, 0.95 - 0.1 * up, 0.85 + 0.1 * down)
        return tuple(one.reshape(self.epochs, steps).astype(np.float32) for one in (rates, momenta))


def _cosine(share: np.ndarray) -> np.ndarray:
    """From 0 at 0 to 1 at 1."""
    return (1 - np.cos(np.pi * np.clip(share, 0, 1))) / 2
