"""The jobs of a study side by side: those of one seed in their order, as each may need the ones before."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from codesign.errors import DataError
from codesign.jobs import Context, Runner
from codesign.reproduce.result_cache import ResultCache
from codesign.reproduce.study import Job, Run

PARTS = "parts"  # the folders of seeds that are not finished yet


@dataclass(frozen=True, eq=False)
class Part:
    """The jobs of one seed, up to the first that is to run alone.

    Args:
        seed: whose jobs are done.
        keys: of the jobs to do, in order.
        files: that they write, in the folder of the run.
    """

    seed: int
    keys: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class PartOfStudy:
    """What all parts share: the run, and the results that it has.

    Args:
        run: without what belongs to its process.
        head: what the results depend on, as the cache has it.
        results: by key, those that were finished before.
    """

    run: Run
    head: Mapping[str, object]
    results: Mapping[str, dict]

    def do(self, part: Part, context: Context) -> dict[str, dict]:
        """Return the results of a part by key; its folder keeps them, and the files that its jobs write."""
        with ResultCache(context.folder / "results.jsonl", self.head) as cache:
            run = replace(self.run, folder=context.folder, shared=self._known_or(cache.get), results={}, rows=[])
            found, n_done = {}, 0
            for job in run.study.jobs(run):
                key = key_of(job)
                if key in part.keys:
                    found[key] = cache.get(key, job.compute)
                    n_done += 1
                    context.report(n_done / len(part.keys))
                result = found.get(key, self.results.get(key))
                if result is not None:
                    run.results.setdefault(job.method, {})[job.seed] = result
            return cache.known()

    def _known_or(self, get: Callable) -> Callable[[str, Callable[[], dict]], dict]:
        return lambda key, compute: self.results[key] if key in self.results else get(key, compute)


def key_of(job: Job) -> str:
    """Return the key of a job's result."""
    return f"{job.method}/{job.seed}"


def parts_of(jobs: Sequence[Job], cache: ResultCache) -> list[Part]:
    """Return what is to do of each seed before the first job that runs alone; those follow, in their order."""
    by_seed: dict[int, list[Job]] = {}
    for job in jobs:
        if job.alone:
            break
        if key_of(job) not in cache:
            by_seed.setdefault(job.seed, []).append(job)
    return [
        Part(seed, tuple(map(key_of, some)), tuple(name for job in some for name in job.files))
        for seed, some in by_seed.items()
    ]


def do_side_by_side(run: Run, cache: ResultCache, jobs: Sequence[Job], runner: Runner, tell: Callable) -> None:
    """Do all jobs before the first that runs alone; results go to the cache, files to the run's folder.

    Args:
        tell: takes how many parts are done of how many.

    Raises:
        DataError: if files cannot be moved.
    """
    parts = parts_of(jobs, cache)
    folders = [run.folder / PARTS / str(part.seed) for part in parts]
    work = PartOfStudy(replace(run, shared=_nothing, results={}, rows=[]), cache.settings, cache.known())
    tell(0, len(parts))
    for index, found in runner.map(work.do, parts, folders=folders, report=lambda done: tell(done, len(parts))):
        _move(parts[index].files, folders[index], run.folder)
        for key, result in found.items():
            cache.get(key, lambda result=result: result)
        shutil.rmtree(folders[index], ignore_errors=True)


def _nothing(key: str, compute: Callable[[], dict]) -> dict:
    return compute()


def _move(names: Sequence[str], part: Path, folder: Path) -> None:
    """Move what the jobs of a part wrote, over what an earlier run left."""
    try:
        for name in names:
            if (part / name).exists():  # not moved by a run that was stopped here
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                if (folder / name).is_dir():
                    shutil.rmtree(folder / name)
                (part / name).replace(folder / name)
    except OSError as error:
        raise DataError(f"out: expected a folder that can be written. Received: {folder} ({error.strerror})") from None
