"""What HTCondor and SLURM take: one job for each trial."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from codesign._files import replace_file
from codesign._folders import claim
from codesign.jobs.processes import THREADS
from codesign.project.plan.jobs_dir import JobsDir

_RUN, _LOGS = "run_trial.sh", "logs"


def write_submit_files(folder: JobsDir, names: Sequence[str]) -> tuple[Path, Path]:
    """Write a list of trials, an HTCondor file and a SLURM array script of a new round, and return the latter two.

    Those of earlier rounds stay, since a batch system may read them still.
    """
    number = 1
    while (folder.path / f"round-{number}.txt").exists():
        number += 1
    stem, path = f"round-{number}", folder.path.absolute()
    texts = {
        _RUN: _run_script(path),
        f"{stem}.txt": "".join(f"{name}\n" for name in names),
        f"{stem}.sub": _htcondor(path, stem),
        f"{stem}.sbatch": _slurm(path, stem, len(names)),
    }
    claim(folder.path, [*texts, _LOGS], argument="jobs-dir")
    (folder.path / _LOGS).mkdir(exist_ok=True)
    for name, text in texts.items():
        replace_file(folder.path / name, text.encode(), "the submit files", argument="jobs-dir")
    os.chmod(folder.path / _RUN, 0o755)  # nosec B103  # a script that batch systems call
    return folder.path / f"{stem}.sub", folder.path / f"{stem}.sbatch"


def _run_script(path: Path) -> str:
    root = Path(__file__).parents[3]
    threads = " ".join(f"{name}=1" for name in THREADS)
    return (
        f"#!/bin/sh\n# One trial, by its name: run_trial.sh NAME\nexport {threads}\n"
        f'export PYTHONPATH={shlex.quote(str(root))}"${{PYTHONPATH:+:$PYTHONPATH}}"\n'
        f"exec {shlex.quote(sys.executable)} -m codesign.cli.main run-trial "
        f'{shlex.quote(str(path / "trials"))}/"$1".json\n'
    )


def _htcondor(path: Path, stem: str) -> str:
    return (
        f"# condor_submit {stem}.sub\n"
        f"executable     = {path / _RUN}\narguments      = $(trial)\n"
        f"log            = {path / _LOGS}/{stem}.log\n"
        f"output         = {path / _LOGS}/$(trial).out\nerror          = {path / _LOGS}/$(trial).err\n"
        "request_cpus   = 1\nrequest_memory = 2 GB\n"
        '# At CERN the longest time: espresso 20 min, longlunch 2 h, workday 8 h\n+JobFlavour    = "longlunch"\n'
        f"queue trial from {path / stem}.txt\n"
    )


def _slurm(path: Path, stem: str, n_trials: int) -> str:
    logs, listed = shlex.quote(f"{path / _LOGS}/{stem}-%a.out"), shlex.quote(f"{path / stem}.txt")
    return (
        f"#!/bin/sh\n# sbatch {stem}.sbatch\n#SBATCH --array=1-{n_trials}\n#SBATCH --cpus-per-task=1\n"
        f"#SBATCH --mem=2G\n#SBATCH --time=02:00:00\n#SBATCH --output={logs}\n"
        f'trial=$(sed -n "${{SLURM_ARRAY_TASK_ID}}p" {listed})\n'
        f'exec {shlex.quote(str(path / _RUN))} "$trial"\n'
    )
