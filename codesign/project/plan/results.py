"""Results of trials: a file of a sweep, a folder of a training; each is whole, or none.

Lines of a sweep have a checksum each. The folder of a training lists all its files with a hash of each.
"""

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from codesign._files import replace_file, writable
from codesign._untrusted import parse_json, read_text
from codesign.errors import DataError, UnreadableError
from codesign.fpga.sweep.cache import SweepCache
from codesign.methods.trained import Place
from codesign.project.plan.jobs_dir import Trial

_FILES = "files.json"


def check_writable(results: Path) -> None:
    """Make the folder of results, and check that a file can be made in it.

    Raises:
        DataError: if not.
    """
    with writable(results, "a trial in a folder that can be written, for its result", "trial"):
        results.mkdir(exist_ok=True)
        tempfile.TemporaryFile(dir=results).close()


def keep_result(made: Path, result: Path) -> None:
    """Move a result to its place in one step; who comes second drops his, which is the same."""
    partial = result.with_name(f".{result.name}.{secrets.token_hex(4)}.partial")
    result.parent.mkdir(exist_ok=True)
    try:
        if made.is_dir():
            shutil.copytree(made, partial)
            replace_file(
                partial / _FILES, json.dumps(_hashes(partial), indent=1).encode(), "a result", argument="trial"
            )
        else:
            shutil.copy2(made, partial)
        os.rename(partial, result)
    except OSError as error:
        if not result.exists():
            raise DataError(f"trial: expected a place to write {result}. Received: {error.strerror or error}") from None
    finally:
        if partial.is_dir():
            shutil.rmtree(partial)
        partial.unlink(missing_ok=True)


def remove_damaged(result: Path, trial: Trial) -> bool:
    """Remove a result that is no whole one; return whether there was one."""
    if not os.path.lexists(result) or (_is_training if trial.kind == "training" else _is_sweep)(result, trial):
        return False
    with writable(result, "a damaged result that can be removed", "jobs-dir"):
        if result.is_dir() and not result.is_symlink():
            shutil.rmtree(result)
        else:
            result.unlink()
    return True


def copy_training(result: Path, target: Path) -> None:
    """Copy the files of a training, without the list of them."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(result, target, ignore=lambda folder, _: [_FILES] if Path(folder) == result else [])


def _is_sweep(result: Path, trial: Trial) -> bool:
    try:
        there = SweepCache(result)
    except DataError:
        return False
    return all(there.get(name) is not None for name in trial.names)


def _is_training(result: Path, trial: Trial) -> bool:
    try:
        listed = parse_json(read_text(result / _FILES))
        return listed == _hashes(result) and Place(result).trained() is not None
    except (UnreadableError, OSError):
        return False


def _hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file in a folder, by its path in it."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / _FILES
    }
