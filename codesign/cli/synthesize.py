"""`codesign synthesize PROJECT`: the main job."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.cli.jobs_options import add_jobs_options, runner_of

if TYPE_CHECKING:
    from codesign.project import CheckedProject

_EXAMPLES = """examples:
  codesign synthesize fpga_projects/jet_tagger
  codesign synthesize fpga_projects/jet_tagger --out /data/jet_tagger --jobs 1
  codesign synthesize my_project --check          # find mistakes without training: every run begins with this
  codesign synthesize my_project --build          # also run the vendor's HLS compiler
  codesign synthesize my_project --open           # open the report in the browser when it is written

A run that was stopped goes on where it was: trained models and swept designs are kept in the output folder.
The exit status is 1 if a simulation differs from the emulation in a bit, or a synthesis ends beyond the budget.
The keys of project.yml are explained in fpga_projects/jet_tagger/project.yml, and at length in docs/project.md.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "synthesize",
        help="train, sweep, pick, build and verify the design of a project folder",
        description="Train or load a network, sweep precision x reuse x implementation, pick under the budget, build "
        "and verify.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("project", help="folder with a project.yml, or the file")
    parser.add_argument("--out", metavar="DIR", help="where to write (default: build/ inside the project's folder)")
    parser.add_argument(
        "--check", action="store_true", help="only build what project.yml asks for as far as it goes without training"
    )
    parser.add_argument(
        "--build", action="store_true", help="run the vendor's HLS compiler too; it must be on the PATH"
    )
    add_jobs_options(parser)
    parser.add_argument("--open", action="store_true", help="open the report in the browser when it is written")
    parser.set_defaults(run=_run, early=_check, resumes=True)


def _check(options: argparse.Namespace) -> None:
    """Check project.yml, which needs neither Keras nor the events."""
    from codesign.project import read_project

    read_project(options.project)


def _run(options: argparse.Namespace) -> None:
    from rich.console import Console

    from codesign.errors import AgreementError
    from codesign.project import check_project, read_project, run_project
    from codesign.report import print_picks, shortfalls

    if options.check:
        return _print_check(check_project(read_project(options.project), out=options.out, build=options.build))
    with runner_of(options) as runner:
        report = run_project(options.project, out=options.out, build=options.build, jobs=runner)
    print_picks(report, Console())
    if options.open:
        _open(read_project(options.project).directory / "build" if options.out is None else Path(options.out))
    missed = shortfalls(report)
    if missed:
        raise AgreementError(f"the design is not what was asked for: {'; '.join(missed)}")


def _open(out: Path) -> None:
    """Open the page in a browser; where there is none, say where the page is."""
    import webbrowser

    page = (out / "report.html").resolve()
    try:
        is_open = webbrowser.open(page.as_uri())
    except webbrowser.Error:
        is_open = False
    if not is_open:
        print(f"--open: no browser to be found here; the report is {page}")


def _print_check(checked: "CheckedProject") -> None:
    config, data = checked.config, checked.data
    print(f"{config.name}: fine: {len(data.x_train):,} events to train and pick on, {len(data.x_test):,} to test on;")
    train = config.model.train
    what = f"{checked.n_designs:,} designs" if train is None else f"trained by {', '.join(train.methods)}"
    print(f"{what}, {config.backend}, {config.grid.part}; to {checked.out}")
