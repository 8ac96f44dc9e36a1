"""`codesign redesign FILE --data DATA --out DIR`: what would today's methods make of the network that runs now?"""

import argparse

from codesign.cli.early import check_events, check_exists
from codesign.cli.event_options import add_column_options, add_kind_option, load_given_events
from codesign.cli.jobs_options import add_jobs_options, runner_of

_EXAMPLES = """examples:
  codesign redesign firmware/ --data events.npz --out redesign
  codesign redesign my-hls-test.tar.gz --data 'zerobias-*.root' --features 'jet_*' --out redesign --max-lut 2000
  codesign redesign model.h5 --data jets.npz --label flavour --out redesign --methods tables

FILE is any model that codesign reads (see codesign estimate), most of all the hls4ml project of a trigger that runs.
Events are in the units that it takes, their features in its order. With labels the new networks learn these; without,
they learn what FILE says itself: the outputs of its integers, bit for bit, where it states types. They take the words
that it takes. Written are DIR/project.yml, DIR/events.npz and, as of codesign synthesize, DIR/build/report.html, in
which FILE stands beside the new designs with its quality and its estimated costs. The same command goes on where it was
stopped; after changes to project.yml, codesign synthesize DIR does.
"""
_WRITES = ("project.yml", "events.npz")


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "redesign",
        help="put today's methods beside the network that runs now: a trigger's firmware, or any model",
        description="Train new networks for what a deployed one does, within its costs, and report both.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="FILE", help="hls4ml project, or any model that codesign reads")
    parser.add_argument("--data", required=True, metavar="DATA", help="sample, or file of events")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write")
    add_kind_option(parser)
    add_column_options(parser, "columns in the network's order; globs")
    _add_training_options(parser)
    limits = {"budget.lut": "--max-lut", "budget.latency_ns": "--max-latency-ns"}
    limits |= {"budget.min_accuracy": "--min-accuracy"}
    names = {
        **limits,
        "model.deployed": "FILE",
        "limits": "--max-lut",
        "directory": "--out",
        "clock_period_ns": "--clock-ns",
    }
    names["data.features"] = "--features"
    parser.set_defaults(run=_run, early=_check, resumes=True, writes=_WRITES, other_names=names)


def _add_training_options(parser: argparse.ArgumentParser) -> None:
    """What is trained, and within which limits."""
    parser.add_argument(
        "--methods", nargs="+", metavar="NAME", help="some of tables, posterior, qkeras, drone (default: the best)"
    )
    parser.add_argument("--max-lut", type=float, metavar="N", help="budget (default: what FILE is estimated at)")
    parser.add_argument("--min-accuracy", type=float, metavar="SHARE", help="of what is picked, such as 0.66")
    parser.add_argument("--max-latency-ns", type=float, metavar="NS", help="budget (default: none)")
    parser.add_argument("--clock-ns", type=float, default=5.0, metavar="NS", help="where FILE states none (default: 5)")
    parser.add_argument(
        "--part", default="xcvu13p-flga2577-2-e", metavar="PART", help="the same (default: xcvu13p-flga2577-2-e)"
    )
    add_jobs_options(parser)
    parser.add_argument("--seed", type=int, default=0)


def _check(options: argparse.Namespace) -> None:
    """Check what needs neither the network nor the events."""
    from codesign.fpga import Budget
    from codesign.methods.names import chosen_methods

    Budget(**_limits(options))
    if options.methods is not None:
        chosen_methods(options.methods, "methods")
    check_exists(options.model, "FILE", "a model, or an hls4ml project")
    check_events(options.data)


def _limits(options: argparse.Namespace) -> dict[str, float]:
    limits = {"lut": options.max_lut, "latency_ns": options.max_latency_ns, "min_accuracy": options.min_accuracy}
    return {name: value for name, value in limits.items() if value is not None}


def _run(options: argparse.Namespace) -> None:
    from rich.console import Console

    from codesign.project import run_project, write_redesign
    from codesign.report import print_picks

    data = load_given_events(options)
    folder = write_redesign(
        options.model,
        data,
        options.out,
        limits=_limits(options),
        methods=options.methods or (),
        clock_period_ns=options.clock_ns,
        part=options.part,
        seed=options.seed,
    )
    with runner_of(options) as runner:
        report = run_project(folder, jobs=runner)
    print_picks(report, Console())
    print(f"written: {folder / 'build' / 'report.html'}")
