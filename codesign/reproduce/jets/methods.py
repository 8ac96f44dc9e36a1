"""The jobs of the table: each trains one network, keeps it, and returns its row of one seed."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from codesign.network import Network
from codesign.reproduce.jets.measure import measure, prove
from codesign.reproduce.jets.peer import run_peer
from codesign.reproduce.jets.training import Trainer

TITLES = {
    "posterior": "posterior precision",
    "pruned": "QKeras, {bits} bits, TFMOT pruning",
    "ternary": "TernaryDense, activations of {bits} bits",
    "variational": "VariationalDense, {bits} bits",
    "peer": "HGQ2 0.2.0",
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
            yield (
                name,
                lambda name=name, train=train, value=value: _trained(trainer, validation, directory, name, lambda: train(value)),
            )
    if peer:
        yield "peer", lambda: run_peer(peer, trainer.data, validation, settings, trainer.seed)


def _trained(
    trainer: Trainer, validation: tuple[np.ndarray, np.ndarray], directory: Path, name: str, train: Callable[[], Network]
) -> dict:
    """Train, save, measure, and prove in Verilog what posterior precision gave."""
    is_posterior = name.startswith("posterior")
    if is_posterior:
        _ = trainer.teacher  # so that its time is its own row's only
    start = time.process_time()
    network = train()
    seconds = time.process_time() - start
    path = directory / "networks" / f"{name}-{trainer.seed}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    network.save(path)
    point = measure(network, trainer.data, validation)
    if is_posterior:
        point |= prove(network, trainer.data.x_test, directory / "verilog" / f"{name}-{trainer.seed}")
    return {"points": [point], "train_cpu_s": seconds}
