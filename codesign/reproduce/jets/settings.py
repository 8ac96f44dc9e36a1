"""What `codesign reproduce jets` trains, and for how long."""

from dataclasses import dataclass


@dataclass(frozen=True)
class JetsSettings:
    """One network for all methods; each has one setting that it walks along for its curve of accuracy against cost.

    Args:
        hidden: ReLU units of each hidden layer.
        n_events: training events, None for all; a tenth of them, held out, picks the front.
        cost_weights: of posterior precision.
        epochs, batch_size, learning_rate: of its training with noise, by Adam along a cosine.
        collapse_epochs, collapse_batch_size, collapse_rate: of each of the five parts of its collapse.
        refine_events, refine_sweeps: of the coordinate descent that follows.
        teacher_nets, teacher_hidden, teacher_epochs: the dense ensemble whose probabilities posterior precision learns.
        table_lut: LUTs up to which tables are grown.
        table_ratio: of the LUTs of two networks of a growth that are proven.
        bits: weights and activations of QKeras with TFMOT's pruning, and of the uniform rounding of the others.
        sparsities: of QKeras with TFMOT's pruning.
        zeros: shares of zeros of TernaryDense.
        kl_weights: of VariationalDense.
        baseline_epochs, baseline_batch_size, baseline_rate: of these.
        peer_epochs: of HGQ2.
    """

    hidden: tuple[int, ...] = (64, 32, 32)
    n_events: int | None = None
    cost_weights: tuple[float, ...] = (8e-7, 1.6e-6, 3.5e-6, 8e-6, 1.8e-5, 4e-5, 9e-5, 1.6e-4)
    epochs: int = 240
    batch_size: int = 2048
    learning_rate: float = 2.4e-2
    collapse_epochs: int = 6
    collapse_batch_size: int = 512
    collapse_rate: float = 3e-3
    refine_events: int = 40_000
    refine_sweeps: int = 6
    teacher_nets: int = 4
    teacher_hidden: tuple[int, ...] = (96, 64, 48)
    teacher_epochs: int = 30
    table_lut: float = 2400.0
    table_ratio: float = 1.3
    bits: int = 6
    sparsities: tuple[float, ...] = (0.5, 0.75, 0.9, 0.95)
    zeros: tuple[float, ...] = (0.6, 0.8, 0.9)
    kl_weights: tuple[float, ...] = (1.0, 4.0, 16.0)
    baseline_epochs: int = 30
    baseline_batch_size: int = 512
    baseline_rate: float = 3e-3
    peer_epochs: int = 1500


QUICK = JetsSettings(
    hidden=(16, 8),
    n_events=8000,
    cost_weights=(1e-5, 1e-4),
    epochs=6,
    collapse_epochs=1,
    refine_sweeps=1,
    teacher_nets=1,
    teacher_epochs=2,
    table_lut=60.0,
    sparsities=(0.75,),
    zeros=(0.8,),
    kl_weights=(4.0,),
    baseline_epochs=3,
    peer_epochs=20,
)
