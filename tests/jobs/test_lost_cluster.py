"""A Dask scheduler, or all of its workers, are lost: each call says so, without processes."""

import time

import pytest

from codesign.errors import ToolError
from codesign.jobs.cluster import Cluster
from codesign.jobs.parcel import Packer

distributed = pytest.importorskip("distributed")


class Client:
    """Of a scheduler that is lost, or whose workers are, when somebody says so."""

    def __init__(self):
        self.status, self.workers, self.error = "running", {"w": {}}, None

    def scheduler_info(self, n_workers):
        return {"workers": self.workers}

    def submit(self, *_, **__):
        raise self.error

    def cancel(self, *_, **__):
        raise AssertionError("a lost scheduler is asked for nothing")


@pytest.fixture
def lost():
    """A cluster without processes, and its client."""
    client = Client()
    cluster = Cluster.__new__(Cluster)
    own = {"address": "tcp://a:1", "_client": client, "_wait_s": 600.0, "_workers": frozenset(["w"]), "_futures": {}}
    vars(cluster).update(own, _looked=0.0, _last_seen=time.monotonic(), _token=None, _packer=Packer(print))
    return cluster, client


def test_a_scheduler_that_is_lost_is_one_line_wherever_that_is_seen(lost):
    """A call ends in an error of distributed's, or the client knows already; errors of the work stay what they are."""
    cluster, client = lost
    says = "dask: the scheduler at tcp://a:1 stopped answering"
    client.error = distributed.client.FuturesCancelledError([])
    with pytest.raises(ToolError, match=says):
        cluster.begin(print, [])
    client.error = FileNotFoundError("of the work")
    with pytest.raises(FileNotFoundError):
        cluster.begin(print, [])
    client.status = "connecting"
    for call in (lambda: cluster.begin(print, []), lambda: cluster.wait([], 1.0), lambda: cluster.count):
        with pytest.raises(ToolError, match=says):
            call()
    cluster.end([])


def test_that_the_last_worker_is_gone_is_said_once(lost, capsys):
    cluster, client = lost
    client.workers = {}
    for _ in range(3):
        assert cluster.count == 1
    assert capsys.readouterr().err.count("no worker at tcp://a:1 any more; waiting up to 600 s") == 1
    cluster._last_seen -= 601
    with pytest.raises(ToolError, match="expected a worker at tcp://a:1 within 600 s"):
        _ = cluster.count
