"""What a run trains, and for how long."""

from dataclasses import dataclass

HIDDEN = 150
N_FEATURES, N_CLASSES = 59, 6
DENSE_WEIGHTS = HIDDEN * (N_FEATURES + N_CLASSES)


@dataclass(frozen=True)
class PidSettings:
    """Every method trains for `total_epochs`, by Adam along a cosine from its rate to zero.

    Args:
        tracks: generated, a third of them for testing.
        track_seed: of their generation. The settings were chosen on held-out tracks of seed 0
            (benchmarks/pid_learning_rate.py), so the test tracks of any other seed have never been looked at.
        pretrain_epochs: of the dense net that ternary, variational, magnitude-pruned and gated nets start from.
        epochs: of each of these nets; of them `tune_epochs` a variational net spends on the fine-tune of what it kept.
        tune_epochs: see above; gradual magnitude pruning likewise keeps its mask for the last 40 % of `epochs`.
        batch_size: tracks per step.
        learning_rate, tune_rate, ternary_rate: of Adam at the start.
        small: hidden units of the small dense nets.
        kl_weights: live weights that a variational net keeps -> KL weight that brings it near.
        magnitude: live weights of the nets pruned by magnitude with more of the output layer kept, and its share of
            them.
        uniform: live weights of those pruned alike in both layers.
        gates: hidden units that the gate keeps.
        ternary: arguments of TernaryDense.
        peer_kl, peer_rate: KL weights of the peer, and its learning rate.
        repeats: of each timing.
    """

    tracks: int = 300_000
    track_seed: int = 1
    pretrain_epochs: int = 8
    epochs: int = 28
    tune_epochs: int = 16
    batch_size: int = 1024
    learning_rate: float = 0.02
    tune_rate: float = 0.02
    ternary_rate: float = 0.02
    small: tuple[int, ...] = (60, 30, 15, 8)
    kl_weights: tuple[tuple[int, float], ...] = ((1219, 5.0), (609, 10.0), (487, 13.0), (305, 25.0))
    magnitude: tuple[tuple[int, float], ...] = ((2438, 0.35), (1219, 0.35), (609, 0.4), (305, 0.5))
    uniform: tuple[int, ...] = (1219, 609)
    gates: tuple[int, ...] = (60, 30, 15)
    ternary: tuple[tuple[str, object], ...] = (
        ("threshold", 0.85),
        ("threshold_of", "quantile"),
        ("scales_per", "unit"),
    )
    peer_kl: tuple[float, ...] = (12.0, 18.0, 30.0)
    peer_rate: float = 0.02
    repeats: int = 40

    @property
    def total_epochs(self) -> int:
        """Epochs of every net, pretraining and fine-tune included."""
        return self.pretrain_epochs + self.epochs


QUICK = PidSettings(
    tracks=30_000,
    pretrain_epochs=2,
    epochs=4,
    tune_epochs=1,
    small=(30, 8),
    kl_weights=((609, 10.0), (305, 25.0)),
    magnitude=((1219, 0.35), (305, 0.5)),
    uniform=(1219,),
    gates=(30, 8),
    peer_kl=(10.0,),
)
