"""`--jobs` and `--dask`: where parallel work is done."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesign.jobs import Runner


def add_jobs_options(parser: argparse.ArgumentParser, *, default: int = -1) -> None:
    """Add both options."""
    usual = "all cores" if default == -1 else str(default)
    parser.add_argument("--jobs", type=int, metavar="N", help=f"processes of this computer (default: {usual})")
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="do the work on a Dask cluster instead: tcp://HOST:PORT of its scheduler, or the scheduler's file",
    )
    parser.set_defaults(default_jobs=default)


def check_jobs(options: argparse.Namespace) -> None:
    """Check what the options say, as far as it goes without a cluster.

    Raises:
        ConfigError: as :func:`runner_of`.
    """
    from codesign.errors import ConfigError
    from codesign.jobs.addresses import scheduler_address
    from codesign.jobs.runner import check_count

    if options.dask is not None and options.jobs is not None:
        raise ConfigError(
            f"jobs: expected one of --jobs and --dask; a cluster's workers count. Received: {options.jobs}"
        )
    if options.dask is not None:
        scheduler_address(options.dask)
    if options.jobs is not None:
        check_count(options.jobs)


def runner_of(options: argparse.Namespace) -> "Runner":
    """Return the runner that the options ask for.

    Raises:
        ConfigError: for both options at once, or a value that cannot be.
        ToolError: for a cluster that does not answer, has no worker, or workers of other versions.
    """
    from codesign.jobs import Runner

    check_jobs(options)
    return Runner(options.default_jobs if options.jobs is None else options.jobs, dask=options.dask)
