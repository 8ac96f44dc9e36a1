#!/usr/bin/env python3
"""Integer C++ of a network of tables against the C++ predictors of tree ensembles, one thread.

    python benchmarks/table_cpp.py [--tables 32] [--network PATH] [--repeats N] [--json PATH]

Needs g++, XGBoost and LightGBM; conifer (with nlohmann's json.hpp on the include path, or TensorFlow's), treelite with
tl2cgen, and lleaves are measured where they are installed. A network of about so many tables is grown on the jets; the
peers are boosted until they are as accurate on the same test events: of depths 3 to 6 the one with the fewest nodes
visited. All are called from C++ on the same 20,000 events, in turn in every repeat, one by one and all at once; XGBoost
and LightGBM by their C APIs, for one event by the functions that they have for it. Times are CPU times, the least of
all repeats. Peers take float features, the integers the words of a detector; `encode and emulate` takes floats too.
"""

import argparse
import ctypes
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from result import goal, write_result
from table_cpp_peers import PEERS, Peer, Task, compile_peers

from codesign.cli.json_option import add_json_option
from codesign.data import load_dataset
from codesign.errors import CodesignError
from codesign.export import write_cpp_integer
from codesign.export.cpp_integer.library import check_emulator, wrapper
from codesign.network import FixedPoint, Network
from codesign.tables import grow_tables

N_EVENTS, SEED = 20_000, 0
WORD = FixedPoint(8, 8, signed=False, rounding="TRN", overflow="SAT")
MOST_NS = {1: 60.0, N_EVENTS: 8.0}
_ENCODING = """
#define EXPORTED extern "C" __attribute__((visibility("default")))
EXPORTED void network_values(const void* events, void* results, std::size_t n) {
  constexpr std::size_t block = 256;
  network::input_t codes[block * network::n_inputs];
  const float* values = static_cast<const float*>(events);
  for (std::size_t at = 0; at < n; at += block) {
    const std::size_t some = n - at < block ? n - at : block;
    for (std::size_t e = 0; e < some; ++e)
      network::encode(values + (at + e) * network::n_inputs, codes + e * network::n_inputs);
    network::emulate(codes, static_cast<network::output_t*>(results) + at * network::n_outputs, some);
  }
}
"""


@dataclass(frozen=True, eq=False)
class Runner:
    """A predictor.

    Args:
        name: for the table.
        one, all: C functions (events, scores, n), for calls of one event and of many.
        events: (n_events, n_features).
        scores: (n_events, n_classes), written to.
        size: text.
    """

    name: str
    one: ctypes.c_void_p
    all: ctypes.c_void_p
    events: np.ndarray
    scores: np.ndarray
    size: str


def make_task() -> tuple[Task, np.ndarray]:
    """Return jets in words, and the test events' words."""
    data = load_dataset("jets_hlf")
    low, high = np.quantile(data.x_train, [0.001, 0.999], axis=0)
    words = [np.clip(np.floor((x - low) / (high - low) * 256), 0, 255) for x in (data.x_train, data.x_test)]
    return Task(data.x_train, data.y_train, data.x_test[:N_EVENTS], data.y_test[:N_EVENTS]), *words


def grow(task: Task, words: np.ndarray, tables: int) -> Network:
    """Return the smallest network of a growth with at least so many tables."""
    growth = grow_tables(words, np.eye(task.n_classes)[task.y_train], WORD, max_lut=5 * tables, seed=SEED)
    return next((one.network for one in growth.front if one.trees >= tables), growth.front[-1].network)


def integers(network: Network, words: np.ndarray, folder: Path) -> Iterator[Runner]:
    """Compile the header and compare it with Network.emulate; return it on words, and on floats."""
    header = write_cpp_integer(network, folder / "network.hpp")
    check_emulator(network, header, words[:2000], namespace="network", name="the header")
    library = compile_peers(folder, "network", wrapper("network") + _ENCODING, [])
    kinds = [np.dtype(f"i{library.network_bytes(which)}") for which in (0, 1)]
    scores = [np.zeros((len(words), network.n_outputs), kinds[1]) for _ in range(2)]
    size = f"{sum(len(node.op.keys) for node in network.nodes if hasattr(node.op, 'keys'))} tables"
    codes = np.ascontiguousarray(network.encode(words), kinds[0])
    yield Runner("integers", library.network_events, library.network_batch, codes, scores[0], size)
    floats = np.ascontiguousarray(words, np.float32)
    yield Runner(
        "integers, encode and emulate", library.network_values, library.network_values, floats, scores[1], size
    )


def peers(task: Task, wanted: float, folder: Path) -> Iterator[Runner]:
    """Train, compile and load what is installed."""
    events = np.ascontiguousarray(task.x_test, np.float32)
    for make in PEERS:
        try:
            peer: Peer = make(task, wanted, folder)
        except ImportError as error:
            print(f"{make.__name__}: {error}", file=sys.stderr)
            continue
        scores = np.zeros((len(events), task.n_classes), peer.dtype)
        yield Runner(peer.name, peer.run, peer.run, events, scores, peer.size)


def measure(runners: list[Runner], time_calls: Callable, repeats: int) -> dict[tuple[str, int], float]:
    """Return the least CPU time in ns of an event, by name and events in a call."""
    best: dict[tuple[str, int], float] = {}
    for _ in range(repeats):
        for one in runners:
            for batch, run in ((1, one.one), (N_EVENTS, one.all)):
                n = len(one.events)
                sizes = [array.strides[0] for array in (one.events, one.scores)]
                spent = time_calls(run, one.events.ctypes.data, sizes[0], one.scores.ctypes.data, sizes[1], n, batch)
                best[one.name, batch] = min(best.get((one.name, batch), np.inf), spent / n)
    return best


def make_goals(runners: list[Runner], best: dict[tuple[str, int], float]) -> list[dict]:
    """Return times of an event, and how many times longer peers take."""
    found = [
        goal(f"ns an event, calls of {batch}", best["integers", batch], "<=", most) for batch, most in MOST_NS.items()
    ]
    others = [one.name for one in runners if not one.name.startswith("integers")]
    return found + [
        goal(f"{name} over integers, calls of {batch}", best[name, batch] / best["integers", batch], ">=", 1.0)
        for name in others
        for batch in MOST_NS
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=32, metavar="N")
    parser.add_argument("--network", metavar="PATH", help="saved, of the same words: instead of a growth")
    parser.add_argument("--repeats", type=int, default=9, metavar="N")
    add_json_option(parser, "also write the rows and goals as JSON")
    options = parser.parse_args()
    task, words, test_words = make_task()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            network = Network.load(options.network) if options.network else grow(task, words, options.tables)
            wanted = task.accuracy(network.emulate(test_words[:N_EVENTS]))
            runners = [*integers(network, test_words[:N_EVENTS], folder), *peers(task, wanted, folder)]
        except CodesignError as error:
            print(error, file=sys.stderr)
            return 1
        best = measure(runners, compile_peers(folder, "timer", None, []).time_calls, options.repeats)
    rows = [
        {"method": f"{one.name}, calls of {batch}", "size": one.size, "ns": best[one.name, batch]}
        | {"accuracy": task.accuracy(one.scores)}
        for one in runners
        for batch in MOST_NS
    ]
    write_result("table_cpp", "GENERATED", rows, make_goals(runners, best), path=options.json, seeds=[SEED])
    return 0


if __name__ == "__main__":
    sys.exit(main())
