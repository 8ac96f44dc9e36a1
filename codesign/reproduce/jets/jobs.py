"""The jobs of the table: each trains one network, keeps it, and returns its row of one seed."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from codesign.data import Events
from codesign.network import Network
from codesign.reproduce.jets.measure import ADDER_LEVELS_PER_STAGE, measure
from codesign.reproduce.jets.peer import run_peer
from codesign.reproduce.jets.training import Trainer
from codesign.reproduce.proof import prove
from codesign.reproduce.study import Job, Run

_PIPELINE = {"adder_levels_per_stage": ADDER_LEVELS_PER_STAGE}
_PROVED, _TAUGHT = "posterior", {"posterior", "tables"}


def jobs(run: Run, *, methods: Sequence[str], peer: str | None) -> Iterator[Job]:
    """Yield the trainings of these methods; each returns ``points``, and the CPU s of what they share."""
    data, validation = run.data.hold_out(0.1)
    for seed in run.seeds:
        trainer = Trainer(data, run.settings, seed)
        if _TAUGHT.intersection(methods):
            yield Job("teacher", seed, partial(_teacher, trainer))
        for name, train in _trainings(trainer, methods):
            files = (f"networks/{name}-{seed}.json", *([f"verilog/{name}-{seed}"] if name.startswith(_PROVED) else []))
            yield Job(name, seed, partial(_trained, run, trainer, validation, train, files=files), files)
        if "tables" in methods:
            files = (f"networks/tables-{seed}", f"verilog/tables-{seed}")
            yield Job("tables", seed, partial(_grown, run, trainer, validation, files=files), files)
        if "peer" in methods:
            yield Job("peer", seed, partial(run_peer, peer, data, validation, run.settings, seed))


def _trainings(trainer: Trainer, methods: Sequence[str]) -> Iterator[tuple[str, Callable[[], Network]]]:
    """Yield what each method trains along its setting."""
    settings = trainer.settings
    families = {
        "posterior": (settings.cost_weights, trainer.posterior),
        "pruned": (settings.sparsities, trainer.pruned),
        "ternary": (settings.zeros, trainer.ternary),
        "variational": (settings.kl_weights, trainer.variational),
    }
    for family, (values, train) in families.items():
        for value in values if family in methods else ():
            yield f"{family}-{value:g}", partial(train, value)


def _teacher(trainer: Trainer) -> dict:
    return {"points": [], "train_cpu_s": trainer.teacher[1]}


def _grown(run: Run, trainer: Trainer, validation: Events, *, files: Sequence[str]) -> dict:
    """Grow networks of tables, and save, measure and prove each."""
    _ = trainer.teacher
    start = time.process_time()
    data, growth = trainer.tables()
    seconds = time.process_time() - start
    held, points = validation._replace(x=data.words.encode(validation.x)), []
    networks, verilog = (run.folder / name for name in files)
    networks.mkdir(parents=True, exist_ok=True)
    for one in growth.spread(trainer.settings.table_ratio):
        one.network.save(networks / f"{one.trees}.json")
        point = measure(one.network, data, held)
        point |= prove(one.network, data.x_test, verilog / str(one.trees), **_PIPELINE)
        points.append({"trees": one.trees, **point})
    return {"points": points, "train_cpu_s": seconds}


def _trained(
    run: Run, trainer: Trainer, validation: Events, train: Callable[[], Network], *, files: Sequence[str]
) -> dict:
    """Train, save, measure, and prove in Verilog where there is a folder for it: what posterior precision gave."""
    network_file, *verilog = (run.folder / name for name in files)
    if verilog:
        _ = trainer.teacher  # so that its time is its own row's only
    start = time.process_time()
    network = train()
    seconds = time.process_time() - start
    network.save(network_file)
    point = measure(network, trainer.data, validation)
    for folder in verilog:
        point |= prove(network, trainer.data.x_test, folder, **_PIPELINE)
    return {"points": [point], "train_cpu_s": seconds}
