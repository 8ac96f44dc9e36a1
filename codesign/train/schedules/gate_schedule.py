"""GateSchedule: takes the gates of a model from open to exactly k within one `fit`."""

from codesign._arguments import checked
from codesign.errors import ConfigError
from codesign.layers import GateGroup, TopKGate
from codesign.layers.gates.top_k_gate import FROZEN, HARD, SOFT
from codesign.train.schedules.gate_budget import GateBudget
from codesign.train.schedules.step_schedule import StepSchedule, required_layers


@checked
class GateSchedule(StepSchedule):
    """Move every TopKGate from soft and open to hard and frozen; t runs from 0 to 1 over the steps of all epochs.

    Until `narrow_end` the count falls from all n nodes to k: ``k + (n - k)(1 - t / narrow_end)^3``; a budget's cost
    falls likewise. Until `cool_end` the temperature falls geometrically. From `hard_start` exactly k nodes pass, with
    the soft gradient. From `freeze_start` the mask stays.

    At the end of each epoch every gate is hard and frozen, and opens again with the next: a validation measures the
    network that would be left if the training ended there, and weights that EarlyStopping or ModelCheckpoint keep hold
    exactly k nodes, in whatever order the callbacks stand. When `fit` ends, even early, every gate is hard and frozen.

    Args:
        budget: shared by the gates that have no k.
        narrow_end, hard_start, cool_end, freeze_start: shares of the training, ascending.
        temperature: at the start and from `cool_end` on.

    Raises:
        ConfigError: for shares that do not ascend; when `fit` starts, for a model without gates, gates with neither k
            nor budget, or an epoch of unknown length.
        BudgetError: when `fit` starts, for a budget that no architecture can meet.

    Example:
        >>> import numpy as np
        >>> from codesign import GateSchedule, TopKGate, keras
        >>> from codesign.train import GateBudget
        >>> x = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
        >>> layers = [TopKGate(), keras.layers.Dense(8, "relu"), TopKGate(), keras.layers.Dense(1)]
        >>> model = keras.Sequential([keras.Input((6,)), *layers])
        >>> model.compile("adam", "mse")
        >>> _ = model.fit(x, x[:, :1], epochs=5, verbose=0, callbacks=[GateSchedule(budget=GateBudget(5))])
        >>> int(sum(gate.get_support().sum() for gate in model.layers[::2]))
        5
    """

    def __init__(
        self,
        *,
        budget: GateBudget | None = None,
        narrow_end: float = 0.4,
        hard_start: float = 0.5,
        cool_end: float = 0.7,
        freeze_start: float = 0.75,
        temperature: tuple[float, float] = (1.0, 0.05),
    ) -> None:
        super().__init__()
        shares = (narrow_end, hard_start, cool_end, freeze_start)
        if not 0 < narrow_end <= hard_start <= cool_end <= freeze_start <= 1:
            raise ConfigError(
                "narrow_end, hard_start, cool_end, freeze_start: expected ascending shares of the training. Received: "
                f"{shares}"
            )
        if not min(temperature) > 0:
            raise ConfigError(f"temperature: expected two positive numbers. Received: {temperature}")
        self.budget = budget
        self.narrow_end, self.hard_start, self.cool_end, self.freeze_start = shares
        self.temperature = tuple(temperature)

    def target_at(self, progress: float, full: float, final: float) -> float:
        """Return the count or cost that the gates are held to."""
        left = max(0.0, 1.0 - progress / self.narrow_end)
        return final + max(0.0, full - final) * left**3

    def temperature_at(self, progress: float) -> float:
        """Return the width of the soft mask."""
        start, end = self.temperature
        return start * (end / start) ** min(1.0, progress / self.cool_end)

    def phase_at(self, progress: float) -> float:
        """Return SOFT, HARD or FROZEN."""
        return FROZEN if progress >= self.freeze_start else HARD if progress >= self.hard_start else SOFT

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._groups = self._find_groups()
        super().on_train_begin(logs)
        self._frozen = False

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if batch + 1 >= self._steps:  # before the validation, and before any callback sees the epoch's end
            self._freeze()

    def on_train_end(self, logs: dict | None = None) -> None:
        self._frozen = False  # other callbacks may have put weights back
        self._freeze()

    def _find_groups(self) -> list[tuple[GateGroup, float]]:
        gates = required_layers(self, TopKGate)
        groups = [(gate.group, float(gate.k)) for gate in gates if gate.k is not None]
        if len(groups) < len(gates) and self.budget is None:
            name = next(gate.name for gate in gates if gate.k is None)
            raise ConfigError(
                f"budget: expected one for gate '{name}', which has no k. Received: None; use "
                "GateSchedule(budget=GateBudget(...))"
            )
        if self.budget is not None:
            shared = self.budget.group(self.model)
            for gate in shared.gates:
                gate.group = shared
            self.model.make_train_function(force=True)  # one traced in an earlier fit holds that fit's budget
            groups.append((shared, float(self.budget.limit)))
        return groups

    def _move(self, progress: float) -> None:
        phase, temperature = self.phase_at(progress), self.temperature_at(progress)
        if phase == FROZEN:
            self._freeze()
            return
        self._frozen = False
        for group, limit in self._groups:
            target = min(self.target_at(progress, group.full_cost, limit), group.full_cost)
            for gate in group.gates:
                gate.set_state(target, temperature, phase)

    def _freeze(self) -> None:
        if not self._frozen:
            for group, limit in self._groups:
                for gate in group.gates:
                    gate.freeze(limit)
        self._frozen = True
