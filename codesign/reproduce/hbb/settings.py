"""What `codesign reproduce hbb` trains, and for how long."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HbbSettings:
    """One set of choices for every selector and every count: nothing is tuned count by count.

    The gate's scale and temperatures are the best of seven pairs on validation events, seeds 0 to 2, k of {2, 4, 8, 16,
    24, 32}.

    Args:
        hidden: ReLU units of each hidden layer of the dense network.
        counts: numbers of features.
        shares: active nodes of each hidden layer, as shares of its width; 1 is the dense network.
        budgets: multiply-accumulates that inputs and hidden nodes share.
        epochs: of one ordinary training: the ranking by CancelOut, and each training on chosen features.
        gate_epochs: of the one training with gates: twice `epochs`, as much as ranking and retraining take together. A
            shrunk network is trained from scratch for as long, so that only its start differs.
        batch_size: events per step of an ordinary training.
        gate_batch_size: of a training with gates: twice `batch_size`, so that it takes as many steps as one ordinary
            training.
        learning_rate: of Adam; it is held until `hold` of the training, then falls to zero along a cosine.
        weight_decay: factor of the sum of squared kernel entries in the loss, of every network alike.
        hold: share of an ordinary training.
        patience: a shrunk network is also trained from scratch for this many times `gate_epochs`, at `batch_size`:
            narrow networks are slow to converge from scratch, where a pruned one starts from a wide one.
        gate_hold: share of a training with gates: the rate falls when the choice has been made.
        score_scale: of every TopKGate.
        temperature: of every GateSchedule, at the start and at the end.
        train_share: share of the training events that a seed draws, so that every selector sees other events with every
            seed; the others validate.
        n_events: training events before that, None for all.
        mutual_information_events: events on which mutual information is estimated, None for all.
        exactness_runs: randomised trainings of small networks in which the active nodes are counted.
    """

    hidden: tuple[int, ...] = (32, 16)
    counts: tuple[int, ...] = (1, 2, 4, 8, 16, 24, 32, 39)
    shares: tuple[float, ...] = (0.125, 0.25, 0.375, 0.5, 0.75, 1.0)
    budgets: tuple[int, ...] = (100, 200, 400, 800)
    epochs: int = 20
    gate_epochs: int = 40
    batch_size: int = 512
    gate_batch_size: int = 1024
    learning_rate: float = 5e-3
    weight_decay: float = 3e-4
    hold: float = 0.5
    patience: int = 3
    gate_hold: float = 0.75
    score_scale: float = 5.0
    temperature: tuple[float, float] = (3.0, 0.3)
    train_share: float = 0.9
    n_events: int | None = None
    mutual_information_events: int | None = None
    exactness_runs: int = 60

    @property
    def ordinary(self) -> tuple[int, int, float]:
        """Epochs, events per step and held share of an ordinary training."""
        return self.epochs, self.batch_size, self.hold

    @property
    def gated(self) -> tuple[int, int, float]:
        """Epochs, events per step and held share of a training with gates, or as long as one."""
        return self.gate_epochs, self.gate_batch_size, self.gate_hold

    @property
    def patient(self) -> tuple[int, int, float]:
        """Epochs, events per step and held share of a training that gives narrow networks their time."""
        return self.patience * self.gate_epochs, self.batch_size, self.gate_hold


QUICK = HbbSettings(
    counts=(1, 4, 16, 39),
    shares=(0.125, 0.5, 1.0),
    budgets=(100,),
    epochs=4,
    gate_epochs=8,
    n_events=6000,
    mutual_information_events=2000,
    exactness_runs=6,
)
