"""What report.json holds of each pick and of what it stands beside: quality, inputs, layers, times."""

from collections.abc import Sequence

import numpy as np

from codesign.errors import AgreementError, CodesignError
from codesign.fpga import Design
from codesign.fpga.sweep.decide import decide, measure, n_scores
from codesign.project.build import BuiltPick
from codesign.project.candidates import Reference
from codesign.project.check import CheckedProject
from codesign.project.quality import metrics_of, quality_of
from codesign.project.run_log import RunLog
from codesign.report import blocks

_KINDS = {"float": "float model", "teacher": "teacher"}


def quality_blocks(one: BuiltPick, checked: CheckedProject, reference: Reference | None) -> dict:
    """Return what a pick is worth on the test events, what its inputs and layers cost, and when they work."""
    data, network = checked.data, one.design.network
    scores = one.built.outputs[:, : n_scores(network)]
    row = quality_of(scores, one.decisions, data, one.metrics, precision=network.types[network.outputs[0]])
    row |= _accuracies(one)
    toolchain, graph = checked.config.toolchain, one.built.rtl.graph if one.built.rtl else None
    row["inputs"] = blocks.inputs_block(one.design, data.features, words=data.words, test=data.test)
    row |= blocks.schedule_blocks(one.design, graph=graph, toolchain=toolchain)
    if reference is None:
        return row
    if data.classes:
        flips = int(np.count_nonzero(one.decisions != reference.decisions))
        beside = {"argmax_flips": flips, "compared_with": f"the {_KINDS[reference.kind]}"}
        row["agreement"] = {**vars(one.built.agreement), **beside}
    return row | _beside_float(reference, scores, checked) if reference.kind == "float" else row


def _beside_float(reference: Reference, scores: np.ndarray, checked: CheckedProject) -> dict:
    """What the float model that the numbers were rounded of gives, and how outputs differ."""
    data, names = checked.data, checked.data.classes or checked.data.targets
    found = metrics_of(reference.scores, data, checked.metrics)
    row = {"metrics_float": {name: value.as_dict() for name, value in found.items()}}
    row["outputs"] = blocks.histogram_block(reference.scores, scores, names)
    if data.targets:
        row["residuals"] = blocks.residual_block(reference.scores, scores, data.y_test, names)
        return row
    accuracy = found["accuracy"]
    return row | {"accuracy_float": accuracy.value, "accuracy_float_error": accuracy.error}


def reference_row(reference: Reference, checked: CheckedProject) -> dict:
    """Return a row of ``references``."""
    found = metrics_of(reference.scores, checked.data, checked.metrics)
    return {
        "name": reference.name,
        "kind": reference.kind,
        **quality_of(reference.scores, reference.decisions, checked.data, found),
    }


def design_row(design: Design, checked: CheckedProject) -> dict:
    """Return a row of ``references`` for a design that was not picked, its costs as they were estimated."""
    network, data = design.network, checked.data
    outputs = network.emulate(data.x_test)
    found = measure(network, outputs, data.y_test, checked.metrics, data.weights_test)
    decisions = decide(network, outputs) if data.classes else None
    quality = quality_of(outputs[:, : n_scores(network)], decisions, data, found)
    return {"name": f"best of {design.method}", "kind": design.method, **design.as_dict(), **quality}


def cpu_times(built: Sequence[BuiltPick], checked: CheckedProject, log: RunLog) -> dict[str, list[dict]]:
    """Return the times of the picks on this computer's CPU, by their roles; none if that was not asked for.

    A runtime that gives other outputs than the network is left out, and said.
    """
    if not checked.config.cpu:
        return {}
    networks = {one.role: one.design.network for one in built}
    with log.waiting("times on this CPU"):
        try:
            return blocks.cpu_block(networks, x=checked.data.x_test)
        except CodesignError as error:
            kind = "disagrees" if isinstance(error, AgreementError) else "failed"
            log.say(f"note: the timing on this CPU {kind}: {error}")
            return {}


def _accuracies(one: BuiltPick) -> dict:
    """Shares of right decisions with their errors, on the test events and on those held out; none of a regression."""
    if one.decisions is None:
        return {}
    found, design = one.metrics["accuracy"], one.design
    return {
        "accuracy": found.value,
        "accuracy_error": found.error,
        "accuracy_held_out": design.accuracy,
        "accuracy_held_out_error": design.accuracy_error,
    }
