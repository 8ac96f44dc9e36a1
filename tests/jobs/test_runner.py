"""One runner: the same results wherever the work is done; what is killed, late or refused."""

import os
import signal
import socket
import threading
import time

import numpy as np
import pytest

from codesign.errors import ConfigError, ToolError
from codesign.jobs import Runner, running
from codesign.jobs.addresses import check_greeting, scheduler_address
from codesign.jobs.batch import BatchSizes, Done
from codesign.jobs.carried import read_folder, write_folder
from codesign.jobs.parcel import Opened, Packer, unpack
from codesign.jobs.versions import check_workers, own_versions


class Scaled:
    """Work with a large array that all items share."""

    def __init__(self):
        self.x = np.random.default_rng(0).normal(size=(200, 300))

    def total(self, item, context):
        context.report(0.5)
        if context.folder is not None:
            context.folder.mkdir(parents=True, exist_ok=True)
            (context.folder / "total.txt").write_text(str(item))
        return float((self.x * item).sum())

    def process(self, item, context):
        assert self.x.flags.writeable and type(self.x) is np.ndarray
        self.x[0, 0] += item  # its own copy: nobody else sees it
        return os.getpid()


def die(item, context):
    os.kill(os.getpid(), signal.SIGKILL)


def fail(item, context):
    raise ConfigError(f"item: {item}")


def written(item, context):
    time.sleep(0.3)
    context.folder.mkdir()


@pytest.fixture(scope="module")
def two():
    with Runner(2) as runner:
        yield runner


def test_results_do_not_depend_on_the_number_of_processes(two, tmp_path):
    shared, items, done = Scaled(), [3, 1, 4, 1, 5], []
    folders = [tmp_path / str(number) for number in range(5)]
    with Runner(1) as one:
        here = dict(one.map(shared.total, items, report=done.append))
    there = dict(two.map(shared.total, items, folders=folders, report=done.append))
    assert here == there and list(here) == [0, 1, 2, 3, 4] and done[:2] == [0.5, 1.5] and done[-1] == 5
    assert [(folder / "total.txt").read_text() for folder in folders] == ["3", "1", "4", "1", "5"]


def test_processes_are_kept_and_share_arrays_without_changing_them(two):
    shared = Scaled()
    before = shared.x.copy()
    pids = {pid for _ in range(2) for _, pid in two.map(shared.process, range(4))}
    assert len(pids) <= 2 and os.getpid() not in pids
    np.testing.assert_array_equal(shared.x, before)


def test_no_item_but_the_first_is_begun_too_late(two):
    for runner in (two, Runner(1)):
        assert 1 <= len(list(runner.map(Scaled().total, range(9), until=time.monotonic() - 1))) <= 2


def test_what_waits_when_a_caller_has_enough_is_not_done(two, tmp_path):
    folders = [tmp_path / str(number) for number in range(12)]
    for _ in two.map(written, range(12), folders=folders):
        break
    before = len(list(tmp_path.iterdir()))
    assert dict(two.map(Scaled().total, [2])).keys() == {0}
    time.sleep(0.7)
    assert before <= len(list(tmp_path.iterdir())) <= before + 2  # those that were at work


def test_no_process_is_left_after_an_error():
    psutil = pytest.importorskip("psutil")
    others = psutil.Process().children()  # of other tests
    for _ in range(4):
        with pytest.raises(ConfigError, match="item: "), Runner(2) as runner:
            for _ in runner.map(fail, range(8)):
                pass
        left = [
            one
            for one in psutil.Process().children()
            if one not in others and any("Loky" in word for word in one.cmdline())
        ]
        assert not psutil.wait_procs(left, timeout=10)[1]


def test_errors_are_the_works_own_or_one_line(two):
    with pytest.raises(ConfigError, match="item: "):
        list(two.map(fail, range(2)))
    with Runner(2) as runner:
        with pytest.raises(ToolError, match="a worker process was killed"):
            list(runner.map(die, range(2)))
        assert len(list(runner.map(Scaled().total, range(3)))) == 3  # with processes anew


@pytest.mark.parametrize("jobs", [0, -2])
def test_rejects_a_number_of_processes(jobs):
    with pytest.raises(ConfigError, match="jobs: expected a number of processes"), running(jobs):
        pass


def test_a_runner_that_is_passed_on_stays_open(two):
    with running(two) as same:
        assert same is two
    assert len(list(two.map(Scaled().total, range(2)))) == 2


def test_a_large_array_travels_once_and_comes_back_as_it_was():
    kept = {}
    packer = Packer(lambda name, array: kept.setdefault(name, []).append(array))
    large, small = np.asfortranarray(np.arange(30_000.0).reshape(100, 300)), np.arange(3)
    parcels = [packer.pack({"large": array, "small": small}) for array in (large, large, large.copy(order="F"))]
    assert [len(arrays) for arrays in kept.values()] == [1] and all(len(parcel) < 2000 for parcel, _ in parcels)
    back = unpack(parcels[2][0], {name: arrays[0] for name, arrays in kept.items()})
    np.testing.assert_array_equal(back["large"], large)
    np.testing.assert_array_equal(back["small"], small)


class Typed:
    def __init__(self):
        self.kernel = np.arange(500.0)

    def typed(self, item, context):
        if item == 2:
            self.kernel[0] = -1.0
        return {"kernel": self.kernel, "own": np.full(500, float(item))}


def test_what_a_result_shares_with_the_work_does_not_travel_and_is_the_works_own(two):
    work = Typed()
    found = dict(two.map(work.typed, [0, 1]))
    assert all(one["kernel"] is work.kernel for one in found.values())
    np.testing.assert_array_equal([one["own"][7] for one in (found[0], found[1])], [0, 1])
    packer = Packer(lambda name, array: None)
    opened = Opened(packer.begin(work.typed)[0], {})
    parcel, _ = packer.pack({"kernel": work.kernel, "own": np.zeros(500)})
    assert len(parcel) < 5000  # 4,000 of them what is not the work's
    assert opened.item(parcel, {})["kernel"] is opened.work.__self__.kernel
    changed = packer.open(opened.pack(opened.work(2, None)))
    assert changed["kernel"][0] == -1 and work.kernel[0] == 0  # what a worker has changed is no longer the work's


def test_batches_follow_the_time_that_items_take_and_leave_some_for_all():
    sizes = BatchSizes()
    assert sizes.size(1000, 2) == 1
    sizes.learn(Done([None] * 4, 0.4))
    assert sizes.size(1000, 2) == 10 and sizes.size(8, 2) == 2 and sizes.size(1, 2) == 1
    sizes.learn(Done([None], 60.0))
    assert sizes.size(1000, 2) == 1
    sizes.learn(Done([None], 0.0))
    assert sizes.size(1000, 2) == 250
    assert sizes.ahead(1000, 2) == 2  # nothing takes any time: all that is left are the last ones


@pytest.mark.parametrize(("n_left", "ahead"), [(1000, 4), (41, 4), (39, 2), (1, 2)])
def test_the_last_batches_wait_for_a_worker_that_is_free(n_left, ahead):
    sizes = BatchSizes()
    assert sizes.ahead(n_left, 2) == (4 if n_left > 3 else 2)
    sizes.learn(Done([None] * 4, 0.4))
    assert sizes.ahead(n_left, 2) == ahead


def test_folders_travel_and_stay_where_they_belong(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.txt").write_text("c")
    files = read_folder(tmp_path / "a")
    write_folder(tmp_path / "d", {**files, "../out.txt": b"", "/nowhere/out.txt": b""})
    assert read_folder(tmp_path / "d") == files == {"b/c.txt": b"c"} and not (tmp_path / "out.txt").exists()
    assert read_folder(tmp_path / "none") == {}


def test_addresses_and_files_of_schedulers(tmp_path):
    file = tmp_path / "scheduler.json"
    file.write_text('{"address": "tcp://10.0.0.1:8786"}')
    assert scheduler_address(str(file)) == scheduler_address("tcp://10.0.0.1:8786") == "tcp://10.0.0.1:8786"
    (tmp_path / "other.json").write_text("[1]")
    for wrong in ("host:8786", "http://host:1", "tcp://host", str(tmp_path), str(tmp_path / "other.json")):
        with pytest.raises(ConfigError, match="dask: expected an address such as tcp"):
            scheduler_address(wrong)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (b"HTTP/1.0 400 Bad Request", "an answer of another kind of server"),
        (b"220", "an answer of another kind of server"),
        (None, "answers in 0.2 s. Received: no answer"),
    ],
)
def test_another_kind_of_server_is_no_scheduler(said, line):
    """One that speaks, one that says less than a length, and one that waits for the client to speak."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection = server.accept()[0]
            if said is None:
                connection.recv(1)  # until the client goes
            else:
                connection.sendall(said)
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ToolError, match=line):
            check_greeting(f"tcp://127.0.0.1:{server.getsockname()[1]}", 0.2 if said is None else 5.0)
        thread.join()


@pytest.mark.parametrize(
    ("theirs", "line"),
    [
        ({"codesign": "0.0.1"}, r"tcp://w:1 has codesign 0.0.1, here it is "),
        ({"codesign": None}, r"tcp://w:1 has no codesign"),
        ({"numpy": "1.26.4"}, r"has numpy 1.26.4, here it is "),
        ({"python": "3.9.1.final.0"}, r"has python 3.9, here it is "),
    ],
)
def test_a_worker_of_other_versions_is_named(theirs, line):
    same = {**own_versions(), "python": f"{own_versions()['python']}.7.final.0"}
    check_workers({"tcp://v:1": {"packages": same}})
    with pytest.raises(ToolError, match=line):
        check_workers({"tcp://v:1": {"packages": same}, "tcp://w:1": {"packages": {**same, **theirs}}})
