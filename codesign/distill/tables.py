"""The whole way of a drone of tables: teacher, growth, Verilog and C++ that are proven, and how well it imitates."""

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from rich.console import Console

from codesign._files import replace_file
from codesign._folders import made_files
from codesign.data import Dataset, Words
from codesign.data.dataset import kind_text
from codesign.distill.notes import teacher_notes
from codesign.drone import Fidelity, TableDrone, Teacher, measure_fidelity, train_drone
from codesign.errors import AgreementError
from codesign.fpga import BuiltDesign, Design, estimate
from codesign.handover import Origin, build_design

_MOST_EVENTS = 20_000


def run_table_drone(
    teacher: Teacher,
    data: Dataset,
    out: str | PathLike,
    *,
    max_lut: float = 1000,
    bits: int = 12,
    seed: int = 0,
    force: bool = False,
    console: Console | None = None,
) -> dict:
    """Grow tables that imitate a teacher, and write all that a firmware engineer needs.

    Args:
        teacher: from :func:`codesign.drone.as_teacher`.
        data: the drone sees its training events, without labels, and is judged on its test events.
        out: folder, as :func:`codesign.build_design` writes it, and ``fidelity.json``.
        max_lut: of the network.
        bits: of the words of each feature.
        seed: of everything random.
        force: imitate a teacher whose AUC on the labelled test events is below that of chance.
        console: where the result is printed.

    Returns:
        What ``fidelity.json`` holds.

    Raises:
        AgreementError: if RTL or C++ are not the network.
        BudgetError: if no network fits `max_lut`.
        DataError: for a teacher that is worse than chance, or a folder with files of others.
    """
    notes = teacher_notes(teacher, data, force=force)
    words = Words.find(data.x_train, data.features, bits)
    drone = train_drone(teacher, data.x_train, units="tables", max_lut=max_lut, words=words, seed=seed)
    design = Design(drone.network)
    events, origin = drone.values(data.x_test[:_MOST_EVENTS]), Origin(data.name, data.kind)
    made = {"features": data.features, "words": words, "name": "drone", "origin": origin}
    built = build_design(design.with_report(estimate(design)), out, events, **made)
    labels = data.y_test if data.n_classes > 1 else None
    fidelity = measure_fidelity(teacher, drone, data.x_test, labels, features=data.features)
    result = {"data": data.name, "data_kind": data.kind, "notes": notes, **_facts(teacher, drone, built)}
    result |= fidelity.as_dict()
    with made_files(Path(out)) as partial:
        replace_file(partial / "fidelity.json", (json.dumps(result, indent=1) + "\n").encode(), "the fidelity")
    _print(result, fidelity, Path(out), console or Console())
    if result["mismatches"]:
        raise AgreementError(f"the gates are not the drone: {result['mismatches']} of {len(events):,} events differ")
    return result


def _facts(teacher: Teacher, drone: TableDrone, built: BuiltDesign) -> dict[str, object]:
    """Return what was grown, and what its build found."""
    agreement, report = built.agreement, built.design.report
    differing = [count for count in (agreement.rtl_mismatches, agreement.cpp_mismatches) if count is not None]
    return {
        "teacher": teacher.name,
        "teacher_outputs": teacher.reading,
        "train_cpu_s": drone.growth.cpu_s,
        "lut": report.lut,
        "lut_from": report.sources["lut"],
        "ff": report.ff,
        "latency_cycles": report.latency_cycles,
        "events_proven": agreement.events,
        "mismatches": sum(differing),
    }


def _print(result: Mapping[str, object], fidelity: Fidelity, out: Path, console: Console) -> None:
    lines = [f"teacher: {result['teacher']}, its outputs taken as {result['teacher_outputs']}"]
    cost = f"{result['lut']:,} LUT (from {result['lut_from']}), {result['ff']:,} FF, {result['latency_cycles']} cycles"
    lines.append(f"drone of tables: {cost}; {result['train_cpu_s']:.1f} CPU s ({kind_text(result['data_kind'])})")
    lines += [f"note: {note}" for note in result["notes"]]
    line = f"|teacher - drone|: mean {fidelity.mean_difference:.4f}, largest {fidelity.max_difference:.3f}"
    if fidelity.agreement is not None:
        line += f"; same decision in {fidelity.agreement:.2%} of {fidelity.n_events:,} events"
    lines.append(line)
    if fidelity.auc_teacher is not None:
        lines.append(f"AUC ({fidelity.auc_of}): teacher {fidelity.auc_teacher:.5f}, drone {fidelity.auc_drone:.5f}")
    lines.append(f"{result['events_proven']:,} events, {result['mismatches']} mismatches (RTL and C++)")
    lines.append(f"written: {out}")
    for text in lines:
        console.print(text, highlight=False, markup=False, soft_wrap=True)
