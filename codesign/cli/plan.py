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
    parser.set_defaults(run=_run_trial, early=_check_trial, resumes=True, other_names=_OF_A_TRIAL)


def _check(options: argparse.Namespace) -> None:
    """Check project.yml, which needs neither Keras nor the events."""
    from codesign.project import read_project

    read_project(options.project)


def _plan(options: argparse.Namespace) -> None:
    from codesign.project.plan import plan_project

    planned = plan_project(options.project, options.jobs_dir, out=options.out)
    if not planned.trials:
        collect, then = _command("collect", options.jobs_dir), _command("synthesize", options.project, out=options.out)
        print(f"nothing is left to plan\nnext: {collect}\nthen: {then}")
        return
    condor, slurm = map(shlex.quote, map(str, planned.submit))
    print(f"{_count(len(planned.trials))}: condor_submit {condor}, or sbatch {slurm}")


def _command(*words: object, out: object | None = None) -> str:
    """A command of codesign as a shell takes it."""
    given = [] if out is None else ["--out", out]
    return shlex.join(map(str, ("codesign", *words, *given)))


def _count(n: int) -> str:
    return f"{n:,} trial{'s' * (n != 1)}"


def _check_jobs_dir(options: argparse.Namespace) -> None:
    check_exists(options.jobs_dir, "DIR", "a folder that codesign plan wrote")


def _collect(options: argparse.Namespace) -> None:
    from codesign.project.plan import collect_trials

    found = collect_trials(options.jobs_dir)
    total = _count(len(found.finished) + len(found.missing) + len(found.damaged))
    out = None if found.out == (found.project / "build").absolute() else found.out
    print(f"{len(found.finished):,} of {total} finished; what they gave is in {found.out}")
    for what, names in (("no result yet", found.missing), ("a damaged result, removed", found.damaged)):
        if names:
            more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
            print(f"{what}: {', '.join(names[:_SHOWN])}{more}")
    again = _command("plan", found.project, "--jobs-dir", options.jobs_dir, out=out)
    if found.missing or found.damaged:
        print(f"submit files for these alone: {again}")
    else:
        print(f"next: {again}\nwhere that finds nothing more: {_command('synthesize', found.project, out=out)}")


def _check_trial(options: argparse.Namespace) -> None:
    check_exists(options.trial, "FILE", "a trial, as codesign plan writes them")


def _run_trial(options: argparse.Namespace) -> None:
    from codesign.project.plan import run_trial

    print(f"written: {run_trial(options.trial)}")
