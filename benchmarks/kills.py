#!/usr/bin/env python3
"""Runs that are killed at random moments, and started again until they end.

What they leave is compared with an undisturbed run's. python benchmarks/kills.py [--json PATH] [--kills N] [--minutes
M] [--seed S] [--jobs NAME ...]

Small trainings of `codesign synthesize`, `train_front`, `codesign reproduce` and drones on GENERATED events, one after
another; half of the kills are SIGKILL, half SIGINT, at moments drawn evenly from what is left of an undisturbed run's
time. Files of the user lie in and around every output folder, and must not change. The JSON is written anew after each
run.
"""

import argparse
import itertools
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import kill_jobs
from kill_results import compared, user_files
from result import goal, write_json

from codesign.cli.json_option import add_json_option, json_on_standard_output

_PRELOADED = [
    "kill_jobs",
    "codesign.project",
    "qkeras",
    "tensorflow_model_optimization",
    "hls4ml",
    "sklearn.linear_model",
]
_KILLS_PER_RUN = 8
_LIMIT_S = 900.0


class Killer:
    """Starts jobs in processes of their own.

    Args:
        seed: of the moments and signals.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # nosec B311  # no key
        self._context = get_context("forkserver")  # so that moments fall into the work, and not into imports
        self._context.set_forkserver_preload(_PRELOADED)

    def run(self, job: Callable[[Path], None], folder: Path) -> float:
        """Run to the end, and return the seconds that it took."""
        start, process = time.monotonic(), self._start(job, folder)
        process.join(_LIMIT_S)
        if process.exitcode != 0:
            raise SystemExit(f"{folder}: status {process.exitcode}: {(folder / 'printed.txt').read_text()[-2000:]}")
        return time.monotonic() - start

    def kill(self, job: Callable[[Path], None], folder: Path, seconds: float) -> float | None:
        """Run, kill at a moment within these seconds, and return how many are left; None if it was finished by then."""
        process, moment = self._start(job, folder), self._random.uniform(0, seconds)
        process.join(moment)
        killed = process.is_alive()
        if killed:
            os.kill(process.pid, self._random.choice([signal.SIGKILL, signal.SIGINT]))
        process.join(_LIMIT_S)
        return seconds - moment if killed else None

    def _start(self, job: Callable[[Path], None], folder: Path) -> object:
        process = self._context.Process(target=kill_jobs.in_folder, args=(job, str(folder)))
        process.start()
        return process


class Measurement:
    """One job: what an undisturbed run leaves, and the row of those that were killed."""

    def __init__(self, name: str, killer: Killer, folder: Path) -> None:
        self._job, self._killer, self._folder = kill_jobs.JOBS[name], killer, folder
        whole = folder / "whole"
        kill_jobs.prepare(whole)
        self._theirs, self._seconds = user_files(whole), killer.run(self._job, whole)
        self._expected = compared(whole)
        counts = {"kills": 0, "runs": 0, "files_compared": len(self._expected), "differences": 0, "touched": 0}
        self.row = {"method": name, "undisturbed_s": self._seconds, **counts, "where": []}

    def add_run(self, most_kills: int) -> None:
        """Kill a new run again and again, let it end, and compare."""
        again, row = self._folder / f"killed-{self.row['runs']}", self.row
        kill_jobs.prepare(again)
        left, kills = self._seconds, 0
        while left is not None and kills < min(_KILLS_PER_RUN, most_kills):
            left = self._killer.kill(self._job, again, left)
            kills += left is not None
        row["kills"] += kills
        self._killer.run(self._job, again)
        found, theirs = compared(again), user_files(again)
        wrong = sorted(
            path for path in self._expected.keys() | found.keys() if self._expected.get(path) != found.get(path)
        )
        row["runs"] += 1
        row["differences"] += bool(wrong)
        row["where"] = sorted({*row["where"], *wrong})
        row["touched"] += sum(theirs.get(path) != content for path, content in self._theirs.items())
        print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


def _write(rows: Sequence[dict], options: argparse.Namespace) -> None:
    goals = [
        goal("kills", sum(row["kills"] for row in rows), ">=", options.kills),
        goal("runs that end otherwise after kills", sum(row["differences"] for row in rows), "==", 0),
        goal("files touched that codesign had not made", sum(row["touched"] for row in rows), "==", 0),
    ]
    print(", ".join(f"{one['name']}: {one['value']}" for one in goals), flush=True)
    if options.json:
        write_json(options.json, "kills", "GENERATED", rows, goals, seeds=[options.seed])


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--kills", type=int, default=100, metavar="N", help="of all jobs together")
    parser.add_argument("--minutes", type=float, default=120.0, metavar="M", help="start no run after that")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", nargs="+", choices=list(kill_jobs.JOBS), default=list(kill_jobs.JOBS))
    options = parser.parse_args()
    with json_on_standard_output(options):
        _run(options)


def _run(options: argparse.Namespace) -> None:
    killer, start, measurements = Killer(options.seed), time.monotonic(), {}
    with tempfile.TemporaryDirectory() as folder:
        for name in itertools.cycle(options.jobs):
            left = options.kills - sum(one.row["kills"] for one in measurements.values())
            if left <= 0 or time.monotonic() - start > 60 * options.minutes:
                break
            if name not in measurements:
                measurements[name] = Measurement(name, killer, Path(folder, name))
            measurements[name].add_run(left)
            _write([one.row for one in measurements.values()], options)


if __name__ == "__main__":
    main()
