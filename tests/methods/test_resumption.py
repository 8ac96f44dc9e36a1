import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from codesign import Budget, train_designs
from codesign.errors import DataError
from codesign.methods import aims, posterior
from codesign.methods.networks import EpochLog
from tests.methods.test_train_designs import QUICK, X, dataset

QUICK = QUICK | {"teacher": None, "epochs": 8}

BUDGET = Budget(lut=400)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def results(front):
    return [(design.label, design.report.lut, design.network.emulate(X).tolist()) for design in front.designs]


@pytest.fixture(autouse=True, scope="module")
def one_network():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aims, "_SHARES", (1.0,))
        yield


@pytest.fixture(scope="module")
def undisturbed(one_network):
    """Designs of a run without a folder."""
    return results(train_designs(dataset(), BUDGET, **QUICK))


MOMENTS = ("in an epoch of the collapse", "in an epoch with noise", "before the refinement")


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(moment, undisturbed, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    def stop_in(stage):
        def on_epoch_end(log, epoch, logs=None):
            kept(log, epoch, logs)
            if log._stage == stage and epoch == 1:
                raise KeyboardInterrupt

        kept = EpochLog.on_epoch_end
        return on_epoch_end

    with monkeypatch.context() as patch:
        if moment == "before the refinement":
            patch.setattr(posterior, "refine_to_aim", stop)
        else:
            stage = "training" if "noise" in moment else "rounding"
            patch.setattr(EpochLog, "on_epoch_end", stop_in(stage))
        with pytest.raises(KeyboardInterrupt):
            train_designs(dataset(), BUDGET, directory=tmp_path, **QUICK)
    assert results(train_designs(dataset(), BUDGET, directory=tmp_path, **QUICK)) == undisturbed
    start = time.process_time()
    assert results(train_designs(dataset(), BUDGET, directory=tmp_path, **QUICK)) == undisturbed
    assert time.process_time() - start < 3  # what is finished is read


def test_a_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / "trainings").mkdir()
    (tmp_path / "trainings" / "thesis.txt").write_text("mine")
    with pytest.raises(DataError, match="directory: expected a folder in which codesign made what it replaces"):
        train_designs(dataset(), BUDGET, directory=tmp_path, **QUICK)
    assert (tmp_path / "trainings" / "thesis.txt").read_text() == "mine"


SCRIPT = """
import sys
from codesign import Budget, train_designs
from tests.methods.test_train_designs import QUICK, dataset

train_designs(dataset(), Budget(lut=400), directory=sys.argv[1], **QUICK | {"jobs": 2, "epochs": 400})
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stop_ends_all_processes_and_leaves_what_is_finished(how, tmp_path):
    run = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], cwd=ROOT, stderr=subprocess.PIPE, text=True, process_group=0
    )
    deadline = time.monotonic() + 300
    while not list(tmp_path.glob("trainings/posterior-*")) and time.monotonic() < deadline:
        time.sleep(0.2)
    os.killpg(run.pid, how) if how == signal.SIGINT else run.kill()
    _, errors = run.communicate(timeout=60)
    assert run.returncode != 0 and errors.count("KeyboardInterrupt") <= 2, errors
    teachers = list(tmp_path.glob("trainings/ensemble-*"))
    assert len(teachers) > 1 and all((one / "trained.json").exists() for one in teachers)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            os.killpg(run.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.2)
    pytest.fail("processes of the run are left")


@pytest.mark.slow
def test_processes_side_by_side_give_what_one_gives(tmp_path):
    one, two = (train_designs(dataset(), BUDGET, **QUICK | {"jobs": jobs}) for jobs in (1, 2))
    assert [design.label for design in one.designs] == [design.label for design in two.designs]
    assert np.allclose([d.report.lut for d in one.designs], [d.report.lut for d in two.designs])
