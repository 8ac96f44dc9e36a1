"""The jobs of the table: each trains one network, keeps it, and returns its row of one seed."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from codesign.errors import ConfigError, nearest
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
KEPT = ("networks/{}.json", "verilog/{}")
Job = Callable[[], dict]


def check_methods(methods: Sequence[str] | None, peer: str | None) -> list[str]:
    """Return the methods to train in the table's order: those named, or all, of which the peer needs its interpreter.

    Raises:
        ConfigError: for none, an unknown one, the peer without its interpreter, or the interpreter without the peer.
    """
    if methods is None:
        return [name for name in TITLES if name != "peer" or peer]
    unknown = [name for name in methods if name not in TITLES]
    if unknown or not methods:
        received = f"{unknown[0]}{nearest(unknown[0], TITLES)}" if unknown else "none"
        raise ConfigError(f"methods: expected some of {', '.join(TITLES)}. Received: {received}")
    if "peer" in methods and not peer:
        raise ConfigError("peer: expected the interpreter that the method peer needs. Received: none")
    if peer and "peer" not in methods:
        raise ConfigError(f"peer: expected the method peer among the methods. Received: {', '.join(methods)}")
    return [name for name in TITLES if name in methods]


def jobs(
    trainer: Trainer,
    validation: tuple[np.ndarray, np.ndarray],
    directory: Path,
    methods: Sequence[str],
    peer: str | None,
) -> Iterator[tuple[str, Job]]:
    """Yield name and job of these methods; a job returns ``points``, and the CPU s of what they share."""
    settings = trainer.settings
    families = {
        "posterior": (settings.cost_weights, trainer.posterior),
        "pruned": (settings.sparsities, trainer.pruned),
        "ternary": (settings.zeros, trainer.ternary),
        "variational": (settings.kl_weights, trainer.variational),
    }
    if "posterior" in methods:
        yield "teacher", lambda: {"points": [], "train_cpu_s": trainer.teacher[1]}
    for family, (values, train) in families.items():
        for value in values if family in methods else ():
            name = f"{family}-{value:g}"
            yield (
                name,
                lambda name=name, train=train, value=value: _trained(
                    trainer, validation, directory, name, lambda: train(value)
                ),
            )
    if "peer" in methods:
        yield "peer", lambda: run_peer(peer, trainer.data, validation, settings, trainer.seed)


def _trained(
    trainer: Trainer,
    validation: tuple[np.ndarray, np.ndarray],
    directory: Path,
    name: str,
    train: Callable[[], Network],
) -> dict:
    """Train, save, measure, and prove in Verilog what posterior precision gave."""
    is_posterior = name.startswith("posterior")
    if is_posterior:
        _ = trainer.teacher  # so that its time is its own row's only
    start = time.process_time()
    network = train()
    seconds = time.process_time() - start
    kept, verilog = (directory / kind.format(f"{name}-{trainer.seed}") for kind in KEPT)
    network.save(kept)
    point = measure(network, trainer.data, validation)
    if is_posterior:
        point |= prove(network, trainer.data.x_test, verilog)
    return {"points": [point], "train_cpu_s": seconds}
