"""Every reader meets thousands of damaged files: an error of one line of ours, or a value that makes sense.

Never anything else.
"""

import json
import struct
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import yaml

from codesign.data import load_events
from codesign.errors import CodesignError, UnreadableError
from codesign.export import write_json
from codesign.export.arrays import read_events, read_standardisation
from codesign.fpga.design.report import DesignReport
from codesign.network import Network
from codesign.project import ProjectConfig, read_project
from codesign.read.lwtnn.file import parse_json_file
from codesign.report import find_reports
from tests.export.example_chains import random_chain
from tests.mutations import json_bytes, mutated, mutated_tree, within_limits
from tests.random_designs import graph_events, quantised_graph
from tests.random_graphs import KINDS, random_graph
from tests.random_networks import random_network

GOLDEN = Path(__file__).parents[1] / "report" / "golden"
PROJECT = """name: tagger
data: {source: jets_hlf, standardize: true}
model:
  train:
    method: [posterior, qkeras]
    hidden: [64, 32]
    qkeras: {epochs: 4, learning_rate: 3e-3, sparsity: 0.7, activation_bits: 8}
grid: {weights: [3, "ap_fixed<6,2>"], activations: [6], reuse_factors: {hls4ml-latency: [1, 2]}}
hardware: {part: xcvu13p-flga2577-2-e, clock_period_ns: 5.0}
budget: {lut: 5000, min_accuracy: 0.6}
seed: 0
"""


def npz(**arrays):
    buffer = BytesIO()
    np.savez_compressed(buffer, **arrays) if len(arrays) % 2 else np.savez(buffer, **arrays)
    return buffer.getvalue()


def events():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(12, 3)).astype("f4"), np.arange(12) % 2
    return npz(
        x_train=x,
        y_train=y,
        x_test=x[:4],
        y_test=y[:4],
        features=np.array(["pt", "eta", "φ"]),
        classes=np.array(["a", "b"]),
    )


def with_header(rng):
    """A .npz whose array's header is another: what numpy believes before it looks at the data."""
    shapes = [
        "(4, 2)",
        "(2**40,)",
        "(10**12, 10**12)",
        "(0, 9999999999)",
        "(-1, 8)",
        "(True, 8)",
        "(8,)",
        "8",
        "((8,),)",
        "(" * 3000,
        "(8.0,)",
        "()",
    ]
    types = [
        "<f8",
        "|O",
        "<U0",
        "<c16",
        "<M8[s]",
        "|V8",
        "f8",
        "",
        ">u4",
        "<f2",
        "|b1",
        "|S8",
        "<U2",
        "[('a','<f8')]",
        "\\x00",
        "9" * 400,
    ]
    text = (
        f"{{'descr': '{rng.choice(types)}', 'fortran_order': {rng.choice(['True', 'False', '1', 'x'])}, 'shape': "
        f"{rng.choice(shapes)}, }}"
    )
    head = text.encode().ljust(rng.choice([54, 118]) - 1) + b"\n"
    length = len(head) if rng.random() < 0.8 else int(rng.integers(0, 65536))
    version = bytes(rng.choice([[1, 0], [2, 0], [3, 0], [9, 9]]).astype("u1"))
    array = (
        b"\x93NUMPY"
        + version
        + struct.pack("<H" if version[0] == 1 else "<I", length)
        + head
        + rng.bytes(rng.choice([0, 32, 64, 65]))
    )
    buffer = BytesIO()
    with zipfile.ZipFile(
        buffer, "w", rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
    ) as archive:
        for name in rng.choice(["x.npy", "x", "../x.npy", "y.npy", "x\x1b.npy"], rng.integers(0, 3), replace=False):
            archive.writestr(str(name), array)
    return buffer.getvalue()


def arrays_file(rng, path):
    kind = rng.integers(0, 4)
    content = with_header(rng) if kind == 0 else mutated(with_header(rng) if kind == 1 else events(), rng)
    path = path / "events.npz"
    path.write_bytes(content)
    data = load_events(path)
    assert np.isfinite(data.x_train).all() and data.x_train.shape[1] == len(data.features)
    assert all(name.isprintable() for name in (*data.features, *data.classes)) and len(data.classes) <= len(
        data.y_train
    )
    read_events(path)


def array_file(rng, path):
    buffer = BytesIO()
    np.save(
        buffer,
        np.asfortranarray(rng.normal(size=(9, 3))) if rng.random() < 0.5 else np.arange(8, dtype=">i4").reshape(4, 2),
    )
    content = mutated(buffer.getvalue(), rng) if rng.random() < 0.8 else with_header(rng)[30:]
    (path / "events.npy").write_bytes(content)
    data = load_events(path / "events.npy")
    assert data.x_train.nbytes <= len(content)


def standardisation_file(rng, path):
    value = {"mean": [1.0, 2.0], "std": [1.0, 0.5]}
    (path / "s.json").write_bytes(
        mutated(json_bytes(value), rng) if rng.random() < 0.5 else json_bytes(mutated_tree(value, rng))
    )
    offset, scale = read_standardisation(path / "s.json")
    assert offset.shape == scale.shape and (scale > 0).all()


@cache
def stored(kind):
    """The text of a small network, or chain, as the library writes it."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "network.json")
        if kind == "chain":
            write_json(random_chain(), path)
        elif kind == "graph":
            rng = np.random.default_rng(3)
            graph = random_graph(rng, 8, kinds=KINDS)
            quantised_graph(rng, graph, graph_events(rng, graph)).save(path)
        else:
            random_network(np.random.default_rng(0), (2, 3, 2), per_element=kind == "per element").save(path)
        return path.read_bytes()


def damaged_json(content, rng):
    return mutated(content, rng) if rng.random() < 0.4 else json_bytes(mutated_tree(json.loads(content), rng))


def in_full(network):
    """What a file says of a network, with the fields of ops that older files lack."""
    defaults = {"min_value": None, "threshold": 0.0, "firmware": None}
    nodes = [defaults | node if node.get("op") == "activation" else node for node in network.get("nodes", ())]
    return {**network, "nodes": nodes}


def network_file(rng, path):
    damaged = damaged_json(stored(rng.choice(["network", "per element", "graph"])), rng)
    (path / "network.json").write_bytes(damaged)
    read = Network.load(path / "network.json")
    read.save(path / "again.json")  # what is accepted is said in full: nothing was rounded, dropped or made up
    assert in_full(json.loads((path / "again.json").read_text())) == in_full(json.loads(damaged))
    assert read.emulate(np.zeros((2, read.n_inputs))).shape == (2, read.n_outputs)


def chain_file(rng, path):
    (path / "chain.json").write_bytes(damaged_json(stored("chain"), rng))
    chain, names = parse_json_file(path / "chain.json")
    assert all(np.isfinite(layer.kernel).all() for layer in chain.layers)
    assert all(name.isprintable() for name in (*names.inputs, *names.outputs))


def project_file(rng, path):
    content = (
        mutated(PROJECT.encode(), rng) if rng.random() < 0.5 else json_bytes(mutated_tree(yaml.safe_load(PROJECT), rng))
    )
    (path / "project.yml").write_bytes(content)
    config = read_project(path)
    assert isinstance(config, ProjectConfig) and config.name.isprintable()
    train = config.model.train
    assert train is None or train.hidden is None or all(0 < units <= 4096 for units in train.hidden)
    assert config.grid.part.isascii() and config.grid.count < 10**6


REPORTS = {
    path.suffix + path.name[:20]: path
    for path in GOLDEN.iterdir()
    if path.suffix in (".xml", ".rpt", ".json", ".ndjson")
}
TEXTS = [path.read_bytes() for path in REPORTS.values() if path.stat().st_size < 40_000]
TEXTS.append(json_bytes(DesignReport("estimate", lut=5, ff=6, dsp=0, bram_18k=0, clock_target_ns=5.0).as_dict()))


def report_file(rng, path):
    content = TEXTS[rng.integers(len(TEXTS))]
    if content.lstrip().startswith(b"{") and rng.random() < 0.5 and content.count(b"\n{") == 0:
        content = json_bytes(mutated_tree(json.loads(content[content.index(b"{") :]), rng))
    else:
        content = mutated(content, rng, other=TEXTS[rng.integers(len(TEXTS))])
    (path / "report").write_bytes(content)
    for report in find_reports(path / "report").values():
        counts = (report.lut, report.ff, report.dsp, report.bram_18k, report.latency_cycles)
        assert all(count is None or (type(count) is int and 0 <= count < 10**15) for count in counts)
        assert all(text.isprintable() for text in (report.tool, report.tool_version, report.part))


FORMATS = [arrays_file, array_file, standardisation_file, network_file, chain_file, project_file, report_file]


def meet_damaged_files(read, path, seeds):
    accepted = 0
    for seed in seeds:
        try:
            with within_limits():
                read(np.random.default_rng(seed), path)
            accepted += 1
        except CodesignError as error:
            assert not isinstance(error, UnreadableError), "a reason without the file's name"
            assert str(error) and str(error).isprintable() and len(str(error)) < 2000, seed
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}") from error
    return accepted / len(seeds)


# The few hold damage of each format that does not matter.
@pytest.mark.parametrize(
    "seeds", [range(300, 500), pytest.param(range(1000), marks=pytest.mark.slow)], ids=["few", "thousand"]
)
@pytest.mark.parametrize("read", FORMATS)
def test_damaged_files(read, seeds, tmp_path):
    assert 0 < meet_damaged_files(read, tmp_path, seeds) < 0.7  # some damage does not matter, most does


@pytest.mark.slow
@pytest.mark.parametrize("read", FORMATS)
def test_fifty_thousand_damaged_files(read, tmp_path):
    meet_damaged_files(read, tmp_path, range(1000, 51_000))
