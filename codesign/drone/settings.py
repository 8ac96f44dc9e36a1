"""DroneSettings: how a drone is trained."""

from collections.abc import Sequence
from dataclasses import dataclass

from codesign._arguments import check_seed, checked
from codesign._keras import keras
from codesign.drone.growing_network import LayerFactory
from codesign.drone.growth_rules import check_growth
from codesign.errors import ConfigError, nearest


@checked
@dataclass(frozen=True)
class DroneSettings:
    """How a drone is trained; None leaves the choice to the rule.

    Args:
        hidden: units of each hidden layer at first.
        activation: of hidden units: a name of Keras, or a QKeras quantizer such as ``quantized_relu(6,2)``.
        rule: ``validation`` (looks at events held out), ``paper`` or ``reference`` (see
            :mod:`codesign.drone.growth_rules`).
        max_units: of each hidden layer; the size of `hidden` lets nothing grow.
        max_epochs: of `fit`, at most.
        batch_size: events per step.
        loss: ``cross_entropy`` to the teacher's probability, or ``mse``, the paper's. By default the better one in our
            tests: cross-entropy between probabilities; mse between values, and under the published rules.
        optimizer: of Keras; Adam at .01, or the paper's SGD at .05 under the published rules.
        fine_tune_iterations: of L-BFGS at the end, at most; by default 1000, and none for the published rules or a
            `layer`.
        held_out: share of the events that only judge: growth by the validation rule, and which weights are kept.
        layer: ``layer(units, name=...)`` makes each dense layer without activation: QDense or one of
            :mod:`codesign.layers`.
        seed: of the weights, the order of the events and the share held out.

    Raises:
        ConfigError: for values outside their range.
    """

    hidden: Sequence[int] = (5,)
    activation: str = "sigmoid"
    rule: str = "validation"
    max_units: int = 16
    max_epochs: int = 300
    batch_size: int = 512
    loss: str | None = None
    optimizer: keras.optimizers.Optimizer | None = None
    fine_tune_iterations: int | None = None
    held_out: float = 0.1
    layer: LayerFactory | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        check_seed(self.seed)
        check_growth(self.rule, self.hidden, self.max_units)
        if self.max_epochs < 1 or self.batch_size < 1 or (self.fine_tune_iterations or 0) < 0:
            raise ConfigError(
                f"max_epochs, batch_size, fine_tune_iterations: expected at least 1, 1 and 0. "
                f"Received: {self.max_epochs}, {self.batch_size}, {self.fine_tune_iterations}"
            )
        if self.fine_tune_iterations and self.layer is not None:
            raise ConfigError(
                "fine_tune_iterations: expected 0 with a layer of your own, whose gradients may not be its function's. "
                "Received: both"
            )
        if not 0 < self.held_out < 1:
            raise ConfigError(f"held_out: expected a share between 0 and 1. Received: {self.held_out}")

    @property
    def is_published(self) -> bool:
        """Whether the rule is one of the two published."""
        return self.rule != "validation"


def read_settings(given: dict[str, object]) -> DroneSettings:
    """Return settings by name; ConfigError for a name that is none of them."""
    known = DroneSettings.__dataclass_fields__
    for name in given:
        if name not in known:
            raise ConfigError(f"settings: expected some of {', '.join(known)}. Received: {name}{nearest(name, known)}")
    return DroneSettings(**given)
