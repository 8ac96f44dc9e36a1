"""`codesign sweep FILE --data DATA`: each precision of any model with each hardware setting, and picks in a budget."""

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from codesign.cli.early import check_events
from codesign.cli.event_options import add_column_options, load_given_events
from codesign.cli.hardware_options import (
    NAMES,
    add_hardware_options,
    add_precision_options,
    grid_of,
    part_notes,
    read_design_reading,
    toolchain_of,
    widths,
)
from codesign.cli.input_shape import add_input_shape_option
from codesign.cli.jobs_options import add_jobs_options, runner_of
from codesign.cli.json_option import add_json_option

if TYPE_CHECKING:
    from codesign.fpga import Budget, Design, Grid, Picked
    from codesign.project.sweep_file import SweptFile

_EXAMPLES = """examples:
  codesign sweep model.h5 --data jets_hlf
  codesign sweep my-hls-test/ --data events.npz --weights 4 6 8 --activations 6 8 --max-lut 2000
  codesign sweep tagger.onnx --data 'jets-*.root' --label flavour --implementations unrolled --plot front.svg

FILE is any model that codesign reads (see codesign estimate). Each precision is emulated once on the test events, each
of its hardware settings estimated; what the file states itself is a row too, "as read". Printed are the designs that no
other beats, and the smallest, fastest and best within the limits. Events without labels are judged by the network's own
decisions: the accuracy is then the share of decisions that rounding leaves as they are.
"""
_LIMITS = {"lut": "LUTs", "dsp": "DSPs", "latency-ns": "time from input to output"}


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "sweep",
        help="sweep precision, reuse and implementation of any model's file, and pick in a budget",
        description="Emulate each precision of a network, estimate each hardware setting, and pick within limits.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="FILE", help="any model that codesign reads, or an hls4ml project")
    parser.add_argument("--data", required=True, metavar="DATA", help="sample, or file of events")
    add_input_shape_option(parser)
    add_column_options(parser, "columns in the network's order")
    add_precision_options(parser, "trained, or 4 to 8 and 5 to 10 bits")
    add_hardware_options(parser)
    _add_limit_options(parser)
    _add_search_options(parser)
    add_jobs_options(parser)
    parser.add_argument("--plot", metavar="PATH", help="also draw accuracy against LUTs")
    add_json_option(parser, "also write all designs as JSON")
    given = {f"budget.{name.replace('-', '_')}": f"--max-{name}" for name in _LIMITS}
    given |= {"budget.confidence": "--confidence", "jobs": "--jobs", "cache": "--cache"}
    given |= {"storage": "--cache", "designs": "--search"}
    parser.set_defaults(run=_run, early=_check, other_names={**NAMES, **given})


def _add_limit_options(parser: argparse.ArgumentParser) -> None:
    for name, what in _LIMITS.items():
        parser.add_argument(f"--max-{name}", type=float, metavar="N", help=f"limit of what is picked: {what}")
    parser.add_argument(
        "--confidence",
        type=float,
        metavar="P",
        help="least probability that a pick keeps the limits on its costs (default: the estimate itself keeps them)",
    )


def _add_search_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--search",
        type=int,
        metavar="N",
        help="instead of the whole grid, search N designs with widths and reuse factors for each layer",
    )
    parser.add_argument(
        "--cache",
        metavar="PATH",
        help="file that keeps what is done, so that a sweep goes on; of a search, a journal of Optuna",
    )


def _check(options: argparse.Namespace) -> None:
    """Check what needs neither the network nor the events."""
    from codesign._arguments import check_range
    from codesign.fpga.search.search import LARGEST_SEARCH

    options.resumes = options.cache is not None
    _grid(options)
    _budget(options)
    if options.search is not None:
        check_range(options.search, "designs", 1, LARGEST_SEARCH)
    check_events(options.data)


def _run(options: argparse.Namespace) -> None:
    from codesign.fpga import pareto_front, pick
    from codesign.report.design_table import print_designs
    from codesign.report.figure import save_figure
    from codesign.report.pareto import plot_pareto
    from codesign.report.result import write_json

    swept, budget = _sweep(options), _budget(options)
    picked = pick(swept.designs, budget, metric=swept.metric)
    roles = {role: getattr(picked, role) for role in ("smallest", "fastest", "best")}
    front = pareto_front(swept.designs, swept.metric)
    shown = sorted({id(one): one for one in (*front, *roles.values())}.values(), key=lambda one: one.report.lut)
    notes = [f"{len(swept.designs):,} designs, {len(front)} that no other beats", *swept.notes]
    notes += _notes_of_picks(picked, roles, swept)
    print_designs(f"{options.model}: {swept.network!r}", swept.data_kind, shown, roles=roles, notes=notes)
    if options.plot:
        save_figure(plot_pareto(swept.designs, list(roles.values()), budget), options.plot)
    if options.json:
        rows = [{"method": design.label, **design.as_dict()} for design in swept.designs]
        named = {role: design.label for role, design in roles.items()}
        likely = {role: found.as_dict() for role, found in picked.chances.items()}
        more = {"model": options.model, "picked": named, "chances": likely, "notes": list(swept.notes)}
        write_json(options.json, "sweep", swept.data_kind, rows, [], seeds=[], **more)


def _notes_of_picks(picked: "Picked", roles: "Mapping[str, Design]", swept: "SweptFile") -> list[str]:
    """What is to be known of the picks, each sentence once, and which layer would move what is least sure."""
    from codesign.fpga.estimate.heaviest import layer_notes
    from codesign.report.pick_sentences import shared_sentences

    said = []
    for role, design in roles.items():
        largest = layer_notes(design, picked.chances[role].weakest, toolchain=swept.toolchain)
        said += [(role, note) for note in (*picked.notes[role], *largest)]
    return [f"{named}: {note}" for named, note in shared_sentences(said)]


def _sweep(options: argparse.Namespace) -> "SweptFile":
    from dataclasses import replace

    from codesign.project.sweep_file import sweep_file

    reading, notes = read_design_reading(options)
    toolchain = toolchain_of(options.part, reading.about.get("backend", ""))
    data = load_given_events(options)
    with runner_of(options) as runner:
        chosen = {"designs": options.search, "budget": _budget(options), "cache": options.cache, "jobs": runner}
        chosen["toolchain"] = toolchain
        swept = sweep_file(reading.design_network(), data, _grid(options), **chosen)
    return replace(swept, notes=(*notes, *part_notes(options.part), *swept.notes))


def _grid(options: argparse.Namespace) -> "Grid":
    return grid_of(options, **{name: widths(getattr(options, name)) for name in ("weights", "activations", "inputs")})


def _budget(options: argparse.Namespace) -> "Budget":
    from codesign.fpga import Budget

    limits = {"lut": options.max_lut, "dsp": options.max_dsp, "latency_ns": options.max_latency_ns}
    given = {name: value for name, value in limits.items() if value is not None}
    return Budget(**given, confidence=options.confidence)
