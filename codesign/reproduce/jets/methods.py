"""The jobs of the table: each trains one network, keeps it, and returns its row of one seed."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from codesign.network import Network
from codesign.reproduce.jets.measure import measure, prove
from codesign.reproduce.jets.peer import run_peer
from codesign.reproduce.jets.training import Trainer

POSTERIOR, PEER = "posterior precision", "HGQ2 0.2.0"
TITLES = {
    "posterior": POSTERIOR,
    "pruned": "QKeras, {bits} bits, TFMOT pruning",
    "ternary": "TernaryDense, activations of {bits} bits",
    "variational": "VariationalDense, {bits} bits",
    "peer": PEER,
}
Job = Callable[[], dict]


def jobs(
    trainer: Trainer, validation: tuple[np.ndarray, np.ndarray], directory: Path, peer: str | None
) -> Iterator[tuple[str, Job]]:
    """Yield name and job; a job returns ``points``, and the CPU s of what they share."""
    settings = trainer.settings
    families = {
        "posterior": (settings.cost_weights, trainer.posterior),
        "pruned": (settings.sparsities, trainer.pruned),
        "ternary": (settings.zeros, trainer.ternary),
        "variational": (settings.kl_weights, trainer.variational),
    }
    yield "teacher", lambda: {"points": [], "train_cpu_s": trainer.teacher[1]}
    for family, (values, train) in families.items():
        for value in values:
            name = f"{family}-{value:g}"
            path = directory / "networks" / f"{name}-{trainer.seed}.json"
            proof = directory / "verilog" / f"{name}-{trainer.seed}" if family == "posterior" else None
            yield (
                name,
                lambda train=train, value=value, path=path, proof=proof: _trained(
                    trainer, validation, train, value=value, path=path, proof=proof
                ),
            )
    if peer:
        yield "peer", lambda: run_peer(peer, trainer.data, validation, settings, trainer.seed)


def _trained(
    trainer: Trainer,
    validation: tuple[np.ndarray, np.ndarray],
    train: Callable[[float], Network],
    *,
    value: float,
    path: Path,
    proof: Path | None,
) -> dict:
    """Train, save, measure, and where a folder for it is given, prove in Verilog."""
    _ = trainer.teacher  # so that its time is its own row's only
    start = time.process_time()
    network = train(value)
    seconds = time.process_time() - start
    path.parent.mkdir(parents=True, exist_ok=True)
    network.save(path)
    point = measure(network, trainer.data, validation)
    if proof is not None:
        point |= prove(network, trainer.data.x_test, proof)
    return {"points": [point], "train_cpu_s": seconds}
