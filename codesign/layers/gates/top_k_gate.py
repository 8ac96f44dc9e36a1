"""TopKGate: exactly k features, or nodes, chosen while the network trains."""

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError, TrainingError
from codesign.layers.full_precision import FullPrecisionLayer
from codesign.layers.gates.cost import GateCost
from codesign.layers.gates.group import GateGroup

SOFT, HARD, FROZEN = 0.0, 1.0, 2.0
_FINAL_TEMPERATURE = 0.05


@checked
@keras.utils.register_keras_serializable(package="codesign")
class TopKGate(FullPrecisionLayer):
    """``y = x * m`` with exactly k entries of m at 1 and the others at 0 when the training ends.

    One score s_i per node. Soft: ``m_i = sigmoid((s_i - theta) / temperature)`` with theta solved so that ``sum(m)`` is
    the count that the schedule asks for: nodes compete, and there is no penalty to tune. Hard: the k best scores pass,
    ties by index, and the gradient is the soft mask's. Frozen: the mask stays and only the weights train.
    :class:`codesign.train.GateSchedule` walks through the three within one `fit`; without it the gate is hard from the
    first step. At inference the mask is a constant.

    Put it behind the input to select features, or behind a hidden layer's activation to prune its nodes.

    Args:
        k: nodes to keep; None to share the budget of GateSchedule(budget=...) with the other gates that have none.
        score_scale: factor of the scores; the scores train this much faster than weights.

    Input shape:
        (n_events, ..., n_nodes)

    Output shape:
        as the input.

    Raises:
        ConfigError: for k below 1 or above the number of nodes, or training with neither k nor budget.

    Callback: :class:`codesign.train.GateSchedule`; a gate without k needs GateSchedule(budget=GateBudget(...)).

    Example:
        >>> import numpy as np
        >>> from codesign import keras
        >>> from codesign.layers import TopKGate
        >>> from codesign.train import GateSchedule
        >>> x = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
        >>> y = (x[:, 0] > 0).astype("float32")
        >>> model = keras.Sequential([keras.Input((6,)), TopKGate(2), keras.layers.Dense(1, "sigmoid")])
        >>> model.compile("adam", "binary_crossentropy")
        >>> _ = model.fit(x, y, epochs=3, verbose=0, callbacks=[GateSchedule()])
        >>> int(model.layers[0].get_support().sum())
        2
    """

    def __init__(self, k: int | None = None, *, score_scale: float = 1.0, **kwargs: object) -> None:
        super().__init__(**kwargs)
        if k is not None and (not float(k).is_integer() or k < 1):
            raise ConfigError(f"k: expected an integer of at least 1. Received: {k}")
        if not 0 < score_scale < np.inf:
            raise ConfigError(f"score_scale: expected a positive number. Received: {score_scale}")
        self.k = None if k is None else int(k)
        self.score_scale = float(score_scale)
        self.group: GateGroup | None = None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.n_nodes = int(input_shape[-1])
        if self.k is not None and self.k > self.n_nodes:
            raise ConfigError(
                f"k of layer '{self.name}': expected at most {self.n_nodes}, the width of its input. Received: {self.k}"
            )
        start = np.ones(self.n_nodes) if self.k is None else np.arange(self.n_nodes) < self.k
        state = [float(self.k or 0), _FINAL_TEMPERATURE, HARD]
        self.scores = self.add_weight(name="scores", shape=(self.n_nodes,), initializer="zeros", dtype="float32")
        self.gate = self._add_constant("gate", start)
        self.state = self._add_constant("state", state)
        if self.k is not None:
            self.group = GateGroup([self], GateCost.of_nodes(1))
        super().build(input_shape)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        if not training:
            return inputs * tf.cast(self.gate, inputs.dtype)
        if self.group is None:
            raise ConfigError(
                f"k of layer '{self.name}': expected a count, or the callback GateSchedule(budget=GateBudget(...)). "
                "Received: None; give TopKGate(k), or fit with that callback"
            )
        mask = tf.cond(self.state[2] >= FROZEN, lambda: tf.identity(self.gate), self._training_mask)
        self.gate.assign(tf.stop_gradient(mask), read_value=False)
        return self._narrow(self._widen(inputs) * tf.cast(mask, self.precision))

    def effective_scores(self) -> tf.Tensor:
        """Return (n_nodes,) scores times `score_scale`."""
        return self.score_scale * self.scores

    def set_state(self, target: float, temperature: float, phase: float) -> None:
        """Set what the schedule asks for.

        Args:
            target: cost that the soft masks add up to, and the hard masks stay within: nodes for a gate with k.
            temperature: width of the soft mask.
            phase: SOFT, HARD or FROZEN.
        """
        self.state.assign([target, temperature, phase], read_value=False)

    def freeze(self, limit: float | None = None) -> None:
        """Make the mask hard within `limit`, k by default, if it is not frozen yet, and keep it."""
        limit = self._limit() if limit is None else limit
        if float(self.state[2]) < FROZEN:
            self.gate.assign(self.group.hard_mask(self, tf.constant(limit, tf.float32)))
        self.set_state(limit, _FINAL_TEMPERATURE, FROZEN)

    @property
    def mask(self) -> np.ndarray:
        """(n_nodes,) factors that inference applies."""
        return self.gate.numpy()

    @property
    def n_active(self) -> int:
        """Nodes that pass."""
        return int(np.count_nonzero(self.mask))

    @property
    def is_settled(self) -> bool:
        """Whether the mask is made of 0 and 1, and k of them are 1."""
        return bool(np.isin(self.mask, (0, 1)).all()) and self.k in (None, self.n_active)

    @property
    def is_scheduled(self) -> bool:
        """Whether GateSchedule chose the nodes; also true before any training."""
        return float(self.state[2]) >= FROZEN or not self.scores.numpy().any()

    def get_support(self, indices: bool = False) -> np.ndarray:
        """Return which nodes pass: a mask (n_nodes,), or their indices.

        Raises:
            TrainingError: while the gate is still soft; GateSchedule settles it when `fit` ends.
        """
        if not self.is_settled:
            raise TrainingError(
                f"gate '{self.name}': expected a training with GateSchedule to its end. Received: a mask that is still "
                "soft; fit with that callback, which settles the gate at the end of each epoch, or call freeze() of "
                "the gate"
            )
        return np.flatnonzero(self.mask) if indices else self.mask > 0

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: TFMOT leaves gates alone."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict:
        return {**super().get_config(), "k": self.k, "score_scale": self.score_scale}

    def _limit(self) -> float:
        if self.k is None:
            raise ConfigError(
                f"limit of gate '{self.name}': expected the budget that it shares, since it has no k. Received: None"
            )
        return float(self.k)

    def _training_mask(self) -> tf.Tensor:
        target, temperature, phase = tf.unstack(self.state)
        soft = self.group.soft_mask(self, target, temperature)
        passed = tf.where(phase >= HARD, self.group.hard_mask(self, target), soft)
        return soft + tf.stop_gradient(passed - soft)

    def _add_constant(self, name: str, values: object) -> tf.Variable:
        values = np.asarray(values, np.float32)
        start = keras.initializers.Constant(values)
        return self.add_weight(name=name, shape=values.shape, initializer=start, trainable=False, dtype="float32")
