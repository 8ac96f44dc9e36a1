"""`codesign plan`, `run-trial` and `collect`: a project's work as trials, for batch systems out of reach."""

import argparse
import shlex

from codesign.cli.early import check_exists

_EXAMPLES = """examples:
  codesign plan my_project --jobs-dir jobs        # one JSON for each trial, an HTCondor file and a SLURM array script
  condor_submit jobs/round-1.sub                  # or: sbatch jobs/round-1.sbatch
  codesign collect jobs                           # again and again, while trials run
  codesign plan my_project --jobs-dir jobs        # what comes next, or has no result yet
  codesign synthesize my_project                  # takes what was collected as done here

A sweep is planned at once, trainings in rounds: what is trained next depends on what was reached.
"""
_SHOWN = 10
_OF_A_TRIAL = {"jobs-dir: expected a folder": "FILE: expected a trial in a folder", "jobs-dir": "FILE"}
_OF_A_TRIAL |= {"trial": "FILE"}


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the three subcommands."""
    options = {"formatter_class": argparse.RawDescriptionHelpFormatter, "epilog": _EXAMPLES}
    what = "write a project's trainings and sweep as trials, for HTCondor, SLURM or any other batch system"
    parser = commands.add_parser("plan", help=what, description=f"{what[0].upper()}{what[1:]}.", **options)
    parser.add_argument("project", help="folder with a project.yml, or the file")
    parser.add_argument("--jobs-dir", required=True, metavar="DIR", help="folder of the trials, seen by all machines")
    parser.add_argument("--out", metavar="DIR", help="of the project (default: build/ inside its folder)")
    parser.set_defaults(run=_plan, early=_check, resumes=True, other_names={"jobs-dir": "--jobs-dir"})
    what = "gather what is finished of a plan, again and again"
    parser = commands.add_parser("collect", help=what, description=f"{what[0].upper()}{what[1:]}.", **options)
    parser.add_argument("jobs_dir", metavar="DIR", help="folder that codesign plan wrote")
    parser.set_defaults(run=_collect, early=_check_jobs_dir, resumes=True, other_names={"jobs-dir": "DIR"})
    what = "do one trial of a plan, as its submit files do; twice at once does no harm"
    parser = commands.add_parser("run-trial", help=what, description=f"{what[0].upper()}{what[1:]}.", **options)
    parser.add_argument("trial", metavar="FILE", help="JSON that codesign plan wrote")
