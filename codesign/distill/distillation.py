"""The whole way of a drone: teacher, training, C++ and JSON, and the check of what was written."""

import contextlib
import json
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path

import numpy as np
from rich.console import Console

from codesign._files import replace_file
from codesign._folder_lock import FolderLock
from codesign._folders import check_files, made_files
from codesign.data import Dataset
from codesign.data.dataset import kind_text
from codesign.distill.notes import teacher_notes
from codesign.drone import Drone, Fidelity, Teacher, bootstrap_probes, measure_fidelity, train_drone
from codesign.errors import UncheckedWarning
from codesign.export import export_model, write_reader
from codesign.export.load import load_source

_CHECKED_EVENTS = 2000
_WRITTEN = {"cpp": "drone.hpp", "json": "drone.json"}
_READER = "codesign_reader.hpp"
_FILES = ("drone.keras", *_WRITTEN.values(), _READER, "fidelity.json")


def run_drone(
    teacher: Teacher,
    data: Dataset,
    out: str | PathLike,
    *,
    n_probes: int = 0,
    force: bool = False,
    locked: bool = False,
    console: Console | None = None,
    **settings: object,
) -> dict:
    """Train a drone of a teacher and write everything that it needs to run without Keras.

    Args:
        teacher: from :func:`codesign.drone.as_teacher`.
        data: the drone sees its training events, without labels, and is judged on its test events.
        out: folder: ``drone.keras``, ``drone.hpp`` (C++17), ``drone.json`` (lwtnn) with ``codesign_reader.hpp``,
            ``fidelity.json``.
        n_probes: events drawn around the training events, besides these, that the teacher labels.
        force: imitate a teacher whose AUC on the labelled test events is below that of chance.
        locked: the caller has the folder, by :func:`lock_drone_folder`.
        console: where the result is printed.
        settings: of :func:`codesign.drone.train_drone`.

    Returns:
        What ``fidelity.json`` holds.

    Raises:
        DataError: before anything is computed, for a folder that another run writes, or files in it that codesign has
            not made.
        AgreementError: if a written file does not give what the drone gives.
        DataError: for a teacher that is worse than chance; also as ConfigError and TrainingError: see
            :func:`codesign.drone.train_drone`.
    """
    out, console = Path(out), console or Console()
    with contextlib.nullcontext() if locked else lock_drone_folder(out):
        result, fidelity = _run(
            teacher, data, out, n_probes=n_probes, settings=settings, notes=teacher_notes(teacher, data, force=force)
        )
    _print(result, fidelity, out, console)
    return result


@contextmanager
def lock_drone_folder(out: str | PathLike) -> Iterator[None]:
    """Keep other runs out of a folder for a drone, from before the events and the teacher are read.

    Raises:
        DataError: if another run writes it, or a drone would take the place of what codesign has not made.
    """
    with FolderLock(out):
        check_files(out, _FILES)
        yield


def _run(
    teacher: Teacher, data: Dataset, out: Path, *, n_probes: int, settings: Mapping[str, object], notes: list[str]
) -> tuple[dict, Fidelity]:
    x = data.x_train
    if n_probes:
        x = np.concatenate([x, bootstrap_probes(x, n_probes, seed=1)])
    start = time.process_time()
    drone = train_drone(teacher, x, **settings)
    cpu_s = time.process_time() - start
    fidelity = measure_fidelity(
        teacher, drone, data.x_test, data.y_test if data.n_classes > 1 else None, features=data.features
    )
    result = {
        "data": data.name,
        "data_kind": data.kind,
        "notes": notes,
        "sizes": list(drone.sizes),
        "parameters": drone.n_parameters,
    }
    result |= {"teacher": teacher.name, "teacher_outputs": teacher.reading}
    with made_files(out) as partial:
        drone.save(partial / "drone.keras")
        differences = _write(drone, data, partial)
        result |= {"train_cpu_s": cpu_s, "differences_of_files": differences, **fidelity.as_dict()}
        replace_file(partial / "fidelity.json", (json.dumps(result, indent=1) + "\n").encode(), "the fidelity")
    return result, fidelity


def _write(drone: Drone, data: Dataset, out: Path) -> dict[str, float]:
    """Write C++ and JSON, and return how far each is from the drone; without a compiler, C++ is not compared."""
    source, names = load_source(drone), {"name": "drone", "input_names": data.features}
    write_reader(out / _READER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UncheckedWarning)  # the result says it
        written = [
            export_model(source, out / name, to=to, x=data.x_test, check=_CHECKED_EVENTS, **names)
            for to, name in _WRITTEN.items()
        ]
    return {one.path.name: one.agreement.difference for one in written if one.agreement}


def _print(result: Mapping[str, object], fidelity: Fidelity, out: Path, console: Console) -> None:
    say = partial(console.print, highlight=False, markup=False, soft_wrap=True)
    sizes, kind = "-".join(map(str, result["sizes"])), kind_text(result["data_kind"])
    say(f"teacher: {result['teacher']}, its outputs taken as {result['teacher_outputs']}")
    say(f"drone {sizes}, {result['parameters']} parameters, {result['train_cpu_s']:.1f} CPU s ({kind})")
    for note in result["notes"]:
        say(f"note: {note}")
    line = (
        f"|teacher - drone|: mean {fidelity.mean_difference:.4f}, largest {fidelity.max_difference:.3f}, on "
        f"{fidelity.n_events:,} events"
    )
    if fidelity.agreement is not None:
        line += f"; same decision in {fidelity.agreement:.2%}"
    say(line)
    if fidelity.auc_teacher is not None:
        say(f"AUC ({fidelity.auc_of}): teacher {fidelity.auc_teacher:.5f}, drone {fidelity.auc_drone:.5f}")
    worst = fidelity.regions[0]
    say(f"most different where {worst.where}: {worst.mean_difference:.4f} in {worst.n_events:,} events")
    for name in _WRITTEN.values():
        difference = result["differences_of_files"].get(name)
        say(
            f"{name}: "
            f"{'not compared: there is no compiler' if difference is None else f'within {difference:.1g} of the drone'}"
        )
    say(f"written: {out}")
