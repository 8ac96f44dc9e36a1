#!/usr/bin/env python3
"""Runs that are killed at random moments, and started again until they end: what they leave is compared with an undisturbed run's.

    python benchmarks/kills.py [--json PATH] [--kills N] [--seed S] [--jobs NAME ...]

Small trainings of `codesign synthesize`, `train_front`, `codesign reproduce` and drones on GENERATED events; half of the kills are
SIGKILL, half SIGINT. Files of the user lie in and around every output folder, and must not change.
"""

import argparse
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import kill_jobs
from kill_results import compared, user_files
from result import goal, write_result

_PRELOADED = ["kill_jobs", "codesign.project", "qkeras", "tensorflow_model_optimization", "hls4ml", "sklearn.linear_model"]
_KILLS_PER_RUN = 6
_LIMIT_S = 900.0


class Killer:
    """Starts jobs in processes of their own.

    Args:
        seed: of the moments and signals.
    """

    def __init__(self, seed: int) -> None:
        self._random, self.kills = random.Random(seed), {signal.SIGKILL: 0, signal.SIGINT: 0}  # nosec B311  # no key
        self._context = get_context("forkserver")  # so that moments fall into the work, and not into imports
        self._context.set_forkserver_preload(_PRELOADED)

    def run(self, job: Callable[[Path], None], folder: Path) -> float:
        """Run to the end, and return the seconds that it took."""
        start, process = time.monotonic(), self._start(job, folder)
        process.join(_LIMIT_S)
        if process.exitcode != 0:
            raise SystemExit(f"{folder}: status {process.exitcode}: {(folder / 'printed.txt').read_text()[-2000:]}")
        return time.monotonic() - start

    def kill(self, job: Callable[[Path], None], folder: Path, seconds: float) -> None:
        """Run, and kill at a moment within these seconds, if it is not finished by then."""
        process = self._start(job, folder)
        process.join(self._random.uniform(0.02, 0.8) * seconds)
        if process.is_alive():
            number = self._random.choice(list(self.kills))
            os.kill(process.pid, number)
            self.kills[number] += 1
        process.join(_LIMIT_S)

    def _start(self, job: Callable[[Path], None], folder: Path) -> object:
        process = self._context.Process(target=kill_jobs.in_folder, args=(job, str(folder)))
        process.start()
        return process


def measure(name: str, killer: Killer, folder: Path, n_kills: int) -> dict:
    """Return the row of one job, after `n_kills` kills of it."""
    job, whole = kill_jobs.JOBS[name], folder / "whole"
    kill_jobs.prepare(whole)
    theirs, seconds = user_files(whole), killer.run(job, whole)
    expected, goal_of_kills = compared(whole), sum(killer.kills.values()) + n_kills
    runs = differences = touched = 0
    while sum(killer.kills.values()) < goal_of_kills:
        runs += 1
        again = folder / f"killed-{runs}"
        kill_jobs.prepare(again)
        for _ in range(min(_KILLS_PER_RUN, goal_of_kills - sum(killer.kills.values()))):
            killer.kill(job, again, seconds)
        killer.run(job, again)
        found = compared(again)
        wrong = sorted(path for path in expected.keys() | found.keys() if expected.get(path) != found.get(path))
        touched += sum(user_files(again).get(path) != content for path, content in theirs.items())
        differences += bool(wrong)
        print(f"{name}: run {runs}, {sum(killer.kills.values())} kills, differences: {', '.join(wrong) or 'none'}", flush=True)
    return {"method": name, "kills": n_kills, "runs": runs, "files_compared": len(expected), "differences": differences, "touched": touched}


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="PATH")
    parser.add_argument("--kills", type=int, default=100, metavar="N", help="of all jobs together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", nargs="+", choices=list(kill_jobs.JOBS), default=list(kill_jobs.JOBS))
    options = parser.parse_args()
    killer = Killer(options.seed)
    shares = [options.kills // len(options.jobs) + (index < options.kills % len(options.jobs)) for index in range(len(options.jobs))]
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(name, killer, Path(folder, name), n_kills) for name, n_kills in zip(options.jobs, shares)]
    goals = [
        goal("kills", sum(killer.kills.values()), ">=", options.kills),
        goal("runs that end otherwise after kills", sum(row["differences"] for row in rows), "==", 0),
        goal("files touched that codesign had not made", sum(row["touched"] for row in rows), "==", 0),
    ]
    write_result("kills", "GENERATED", rows, goals, path=options.json, seeds=[options.seed])


if __name__ == "__main__":
    main()
