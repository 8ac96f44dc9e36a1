"""A Dask cluster of two workers in processes of their own: the same bits, whatever dies; one line for what is wrong."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import numpy as np
import pytest
import yaml

from codesign import DenseLayer, Grid, Network, sweep
from codesign.errors import ToolError
from codesign.jobs import Runner
from codesign.jobs.cluster import Cluster
from codesign.jobs.versions import own_versions

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


class Scaled:
    def __init__(self):
        self.x = np.random.default_rng(0).normal(size=(200, 300))

    def total(self, item, context):
        context.report(0.5)
        time.sleep(0.02)
        if context.folder is not None:
            context.folder.mkdir(parents=True, exist_ok=True)
            before = context.folder / "before.txt"
            (context.folder / "total.txt").write_text(f"{item} {before.read_text() if before.exists() else ''}")
        return float((self.x * item).sum()), os.getpid(), str(context.folder)

    def away(self, item, context):
        """As on a worker that does not see the client's folders."""
        return self.total(item, context)


def die(item, context):
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def cluster(n_workers=2, *, folder=None, nanny=False, pids=None, scheduler=None):
    """A scheduler, and workers in processes of their own; those of a nanny are started again when they die.

    Their process ids are added to `pids`, and its own to `scheduler`.
    """
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    environment = {**os.environ, "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error"}
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]
    started = [start([*command, "--no-dashboard", "--no-show"], environment)]
    if folder is not None:
        environment["PYTHONPATH"] = str(folder)
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    worker += ["--nanny" if nanny else "--no-nanny"]
    try:
        wait_for(port)
        if scheduler is not None:
            scheduler.append(started[0].pid)
        started += [start([*worker, "--name", f"w{number}"], environment, folder) for number in range(n_workers)]
        if pids is not None:
            pids += [process.pid for process in started[1:]]
        yield address
    finally:
        for process in started:
            with suppress(ProcessLookupError):  # killed already, with all that it started
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def start(command, environment, folder=None):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=environment, cwd=folder, start_new_session=True, **quiet)


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def wait_for(port):
    """A scheduler may take long to start on a busy machine."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"no scheduler at port {port}")


@pytest.fixture(scope="module")
def address():
    with cluster() as address:
        yield address


@pytest.fixture
def runner(address):
    with Runner(dask=address, wait_s=60) as runner:
        yield runner


def test_a_sweep_gives_the_same_bits_as_here_and_arrays_travel_once(runner):
    x = np.random.default_rng(0).normal(size=(20_000, 2))
    network = Network.chain([DenseLayer("fc", [[0.7, -0.7], [0.3, 0.2]], [0.0, 0.0])])
    grid = Grid(weights=(3, 4), activations=(4, 8), implementations=("unrolled",))
    sweeps = [sweep(network, x, network.predict(x).argmax(1), grid, jobs=jobs, progress=False) for jobs in (1, runner)]
    assert [one.as_dict() for one in sweeps[0]] == [one.as_dict() for one in sweeps[1]]
    assert runner.count in (1, 2) and runner.workers.split()[1] in ("worker", "workers")


def test_progress_and_folders_of_a_file_system_that_is_shared(runner, tmp_path):
    folders, done = [tmp_path / str(number) for number in range(4)], []
    found = dict(runner.map(Scaled().total, range(4), folders=folders, report=done.append))
    with Runner(1) as here:
        assert {k: v[0] for k, v in found.items()} == {k: v[0] for k, v in here.map(Scaled().total, range(4))}
    assert [folder for *_, folder in (found[number] for number in range(4))] == [str(one) for one in folders]
    assert done[-1] == 4 and os.getpid() not in {pid for _, pid, _ in found.values()}
    assert sorted(os.listdir(tmp_path)) == ["0", "1", "2", "3"]  # no mark is left


def test_folders_come_back_where_no_file_system_is_shared(runner, tmp_path, monkeypatch):
    begin = Cluster.begin

    def unseen(self, work, folders):
        begin(self, work, folders)
        self._token.unlink()

    monkeypatch.setattr(Cluster, "begin", unseen)
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "before.txt").write_text("kept")
    found = dict(runner.map(Scaled().away, range(2), folders=[tmp_path / "0", tmp_path / "1"]))
    assert all(not folder.startswith(str(tmp_path)) for _, _, folder in found.values())
    assert (tmp_path / "0" / "total.txt").read_text() == "0 kept" and (tmp_path / "1" / "total.txt").exists()


def test_what_is_not_waited_for_is_cancelled(runner):
    some = runner.map(Scaled().total, range(1000))
    next(some)
    some.close()
    assert len(list(runner.map(Scaled().total, range(3)))) == 3


def test_a_server_that_is_no_scheduler_or_none_is_one_line():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        start = time.monotonic()
        with pytest.raises(ToolError, match=r"dask: expected a scheduler at tcp://127.0.0.1:\d+ that answers in"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("codesign.jobs.connection._ANSWERS_WITHIN_S", 0.5)
                Runner(dask=f"tcp://127.0.0.1:{server.getsockname()[1]}")
        assert time.monotonic() - start < 10


@pytest.mark.slow
def test_the_last_worker_dies_and_then_the_scheduler(capsys):
    with cluster(1, pids=(pids := []), scheduler=(first := [])) as address, Runner(dask=address, wait_s=60) as runner:
        some = runner.map(Scaled().total, range(2000))
        next(some)
        os.kill(pids[0], signal.SIGKILL)
        threading.Timer(8, os.kill, [first[0], signal.SIGKILL]).start()
        with pytest.raises(ToolError, match="dask: the scheduler at .* stopped answering"):
            list(some)
        assert capsys.readouterr().err.count("any more; waiting up to 60 s") == 1
    with cluster(0, scheduler=(first := [])) as address:
        threading.Timer(3, lambda: os.kill(first[0], signal.SIGKILL)).start()
        with pytest.raises(ToolError, match="dask: the scheduler at .* stopped answering"):
            Runner(dask=address, wait_s=60)


@pytest.mark.slow
def test_a_worker_of_another_version_is_named_and_no_worker_is_waited_for(tmp_path):
    (tmp_path / "codesign").mkdir()
    (tmp_path / "codesign" / "__init__.py").write_text("__version__ = '0.0.1'\n")
    with cluster(1, folder=tmp_path) as address:
        with pytest.raises(
            ToolError, match=rf"worker tcp\S+ has codesign 0.0.1, here it is {own_versions()['codesign']}"
        ):
            Runner(dask=address, wait_s=60)
    with cluster(0) as address, pytest.raises(ToolError, match="expected a worker at .* within 0 s. Received: none"):
        Runner(dask=address, wait_s=0.2)


@pytest.mark.slow
def test_a_worker_that_is_killed_in_a_sweep_of_a_project_changes_no_bit(tmp_path):
    from codesign.project import check_project, read_project  # which workers of the other tests need not import
    from codesign.project.candidates import sweep_model

    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 60_000)
    x = rng.normal(size=(60_000, 8)) + 2 * np.eye(3, 8)[y]
    np.savez(tmp_path / "events.npz", x_train=x[:30_000], y_train=y[:30_000], x_test=x[30_000:], y_test=y[30_000:])
    kernels = [np.eye(8, 32) + 0.1 * rng.normal(size=(8, 32)), np.eye(32, 3) + 0.1 * rng.normal(size=(32, 3))]
    network = Network.chain(
        [DenseLayer("fc", kernels[0], np.zeros(32), "relu"), DenseLayer("out", kernels[1], np.zeros(3))]
    )
    network.save(tmp_path / "tagger.json")
    content = {
        "data": {"source": "events.npz", "kind": "GENERATED", "standardize": False},
        "model": {"path": "tagger.json"},
        "grid": {"weights": [4, 5, 6, 7], "activations": [5, 6, 7, 8, 9], "implementations": ["hls4ml-latency"]},
        "budget": {"min_accuracy": 0.5},
        "cpu": False,
    }
    (tmp_path / "project.yml").write_text(yaml.safe_dump(content))
    here = sweep_model(check_project(read_project(tmp_path), out=tmp_path / "here"), jobs=1)
    with cluster(pids=(pids := [])) as address, Runner(dask=address, wait_s=120) as runner:
        while runner.count < 2:
            time.sleep(0.2)
        checked, killed = check_project(read_project(tmp_path), out=tmp_path / "there"), []
        kept = tmp_path / "there" / "sweep.jsonl"

        def kill_one_in_the_middle():
            while not (kept.exists() and len(kept.read_text().splitlines()) > 2):
                time.sleep(0.002)
            os.kill(pids[0], signal.SIGKILL)
            killed.append(len(kept.read_text().splitlines()))

        killer = threading.Thread(target=kill_one_in_the_middle, daemon=True)
        killer.start()
        (tmp_path / "there").mkdir()
        there = sweep_model(checked, jobs=runner)
        killer.join(timeout=10)
        assert killed and killed[0] < 20
    assert [one.as_dict() for one in here.designs] == [one.as_dict() for one in there.designs]
    assert [one.as_dict() for one in (here.picked.best, here.picked.smallest)] == [
        one.as_dict() for one in (there.picked.best, there.picked.smallest)
    ]


@pytest.mark.slow
def test_workers_that_are_killed_lose_nothing():
    with Runner(1) as here:
        expected = {k: v[0] for k, v in here.map(Scaled().total, range(40))}
    with cluster(nanny=True) as address, Runner(dask=address, wait_s=60) as runner:
        found, killed = {}, set()
        for number, (index, (total, pid, _)) in enumerate(runner.map(Scaled().total, range(40))):
            found[index] = total
            if number in (3, 15) and pid not in killed:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
        assert found == expected and killed
        with pytest.raises(ToolError, match="workers died of the same item"):
            list(runner.map(die, [0]))
