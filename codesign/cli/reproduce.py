"""`codesign reproduce NAME`: the table of a paper, measured."""

import argparse

from codesign.cli.early import check_exists
from codesign.cli.jobs_options import add_jobs_options, runner_of
from codesign.cli.json_option import add_json_option

NAMES = ("pid", "hbb", "jets", "b_decay", "quark_gluon", "higgsml")
_ONLY_WITH = {
    "tracks": ("pid",),
    "peer": ("pid", "jets", "higgsml"),
    "data": ("higgsml",),
    "task": ("jets",),
    "methods": ("jets",),
}
_EXAMPLES = """examples:
  codesign reproduce pid --quick
  codesign reproduce pid --json pid.json --out build/pid --peer /path/to/peer/bin/python
  codesign reproduce b_decay --json b_decay.json
  codesign reproduce higgsml --peer /path/to/lumin/bin/python
  codesign reproduce hbb --seeds 0 1 2 3 4
  codesign reproduce jets --peer /path/to/hgq2/bin/python
  codesign reproduce jets --task hbb --methods posterior peer --peer /path/to/hgq2/bin/python --json jets-hbb.json
  codesign reproduce jets --task pid --methods posterior --quick

pid    sparsification of a network for particle identification (STAND-IN data): variational dropout, ternary, pruning
hbb    node pruning and feature selection for boosted H -> bb (GENERATED data)
jets   precision learnt digit by digit against learnt bit widths (HGQ2), pruning, ternary weights (GENERATED jets);
       with --task on the events of hbb (GENERATED data) or pid (STAND-IN data), by the same settings
higgsml
       the HiggsML solution row by row on REAL events: ten nets trained together, augmentation or alignment, masses, its
       drone and its designs in gates, proved in Verilog; LUMIN and XGBoost beside it; with --data on the official file
b_decay, quark_gluon
       drones of the paper's network and of boosted trees, checked and timed in generated C++ (REAL and GENERATED data)

A run that was stopped goes on where it was: finished trainings are kept in the output folder.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "reproduce",
        help="measure the table of a paper",
        description="Train all that a paper's table needs, and print it with errors over seeds, the kind of data, and "
        "the goals.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=NAMES, metavar="NAME", help=f"one of {', '.join(NAMES)}")
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a reduced version in under 3 minutes; its numbers measure nothing, and meet no goals",
    )
    parser.add_argument(
        "--seeds", type=int, nargs="+", metavar="SEED", help="seeds of the trainings (default: 0 1 2, for hbb 0 to 4)"
    )
    parser.add_argument(
        "--out", metavar="DIR", help="where results and plots go (default: build/reproduce/NAME or NAME-TASK)"
    )
    add_jobs_options(parser, default=1)
    _add_options_of_one(parser)
    parser.set_defaults(run=_run, early=_check, resumes=True)


def _add_options_of_one(parser: argparse.ArgumentParser) -> None:
    """Options that only some of the papers have."""
    parser.add_argument("--tracks", type=int, metavar="N", help="pid: tracks to generate")
    parser.add_argument(
        "--peer",
        metavar="PYTHON",
        help="pid: interpreter with pytorch-ard; jets: with HGQ2; higgsml: with LUMIN and XGBoost; see "
        "codesign/reproduce/peers/README.md",
    )
    parser.add_argument(
        "--data",
        metavar="PATH",
        help="higgsml: atlas-higgs-challenge-2014-v2.csv or .csv.gz (default: 22,889 of its events)",
    )
    parser.add_argument(
        "--task",
        metavar="TASK",
        help="jets: events to train on, one of jets, hbb, quark_gluon, b_decay, pid (default: jets)",
    )
    methods = "jets: some of posterior, pruned, ternary, variational, peer (default: all; peer needs --peer)"
    parser.add_argument("--methods", nargs="+", metavar="METHOD", help=methods)


def _check(options: argparse.Namespace) -> None:
    """Check what needs no study, which Keras comes with."""
    from codesign.data.pid import check_tracks
    from codesign.errors import ConfigError
    from codesign.reproduce.jets.methods import check_methods
    from codesign.reproduce.jets.tasks import find_task
    from codesign.reproduce.peer import check_peer
    from codesign.reproduce.seeds import checked_seeds

    for option in _own(options):
        if options.name not in _ONLY_WITH[option]:
            raise ConfigError(
                f"--{option}: expected with {' or '.join(_ONLY_WITH[option])} only. Received: {options.name}"
            )
    if options.seeds is not None:
        checked_seeds(options.seeds, ())
    if options.tracks is not None:
        check_tracks(options.tracks)
    if options.data is not None:
        check_exists(options.data, "--data", "the file of the challenge")
    check_peer(options.peer)
    if options.name == "jets":
        check_methods(options.methods, options.peer)
        find_task(options.task or options.name)


def _own(options: argparse.Namespace) -> dict[str, object]:
    """The options that only some of the papers have, where they are given."""
    return {name: getattr(options, name) for name in _ONLY_WITH if getattr(options, name) is not None}


def _run(options: argparse.Namespace) -> None:
    import importlib

    from codesign.reproduce import run_study

    study = importlib.import_module(f"codesign.reproduce.{options.name}").make_study(**_own(options))
    with runner_of(options) as runner:
        run_study(study, json_path=options.json, quick=options.quick, seeds=options.seeds, out=options.out, jobs=runner)
