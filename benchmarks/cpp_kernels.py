#!/usr/bin/env python3
"""What the generated C++ costs per event, called from C++, on one thread, beside the machine's measured FMA peak.

    python benchmarks/cpp_kernels.py [--json PATH] [--repeats N] [--seed S] [--march MARCH]

One program calls every header as a user does, in turn, N times; the least CPU time of each counts. Random weights: time
does not depend on their values. 59-150-6 at 95 % zeros comes twice: "random zeros" leaves 5 % of each layer, so most
hidden units have no way out and are dropped; "every unit used" has as many weights, and keeps all 150.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from result import goal, write_result

from codesign.cli.json_option import add_json_option
from codesign.export import check_cpp, write_cpp
from codesign.export.cpp_library import compile_cpp
from codesign.network import DenseLayer, Network
from codesign.network.ends import with_softmax, with_standardisation
from codesign.tools.run import run_tool

_BATCHES = (1, 1000, 100_000)
_PROGRAM = """#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>
@INCLUDES@
using Wide = dense_59_150_6::detail::Wide;

static double cpu_ns() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return 1e9 * time.tv_sec + time.tv_nsec;
}

template <class Call>
static void measure(double& best, double events, Call call) {
  call();  // the networks before have filled the caches with other events
  const double start = cpu_ns();
  call();
  asm volatile("" ::: "memory");
  best = std::min(best, (cpu_ns() - start) / events);
}

static double fma_ns() {
  constexpr int chains = 12, rounds = 200000;
  Wide sum[chains], a = Wide{} + 0.999f, b = Wide{} + 0.001f;
  asm volatile("" : "+x"(a), "+x"(b));
  for (int k = 0; k < chains; ++k) sum[k] = Wide{} + float(k);
  const double start = cpu_ns();
  for (int round = 0; round < rounds; ++round)
    for (int k = 0; k < chains; ++k) sum[k] = sum[k] * a + b;
  const double time = cpu_ns() - start;
  for (int k = 0; k < chains; ++k) asm volatile("" ::"x"(sum[k]));
  return time / (double(rounds) * chains * sizeof(Wide) / 4);
}

int main(int, char** arguments) {
  const int repeats = std::atoi(arguments[1]);
  double fma = 1e9, best[@NETS@][4];
  for (auto& net : best)
    for (double& time : net) time = 1e9;
  std::vector<float> x(100000 * 64), y(100000 * 8);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = float(i * 2654435761u % 1000) / 500.0f - 1.0f;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    fma = std::min(fma, fma_ns());
@CALLS@
  }
  std::printf("%d %.9g\\n", int(sizeof(Wide) / 4), fma);
  for (auto& net : best) std::printf("%.9g %.9g %.9g %.9g\\n", net[0], net[1], net[2], net[3]);
}
"""
_CALL = """    measure(best[@I@][0], 2000, [&] {
      for (int e = 0; e < 2000; ++e) {
        @NAME@::predict(&x[e % 500 * @NAME@::n_inputs], &y[e % 500 * @NAME@::n_outputs]);
        asm volatile("" ::: "memory");
      }
    });
    measure(best[@I@][1], 2000, [&] {
      for (int e = 0; e < 2000; ++e) {
        @NAME@::predict(&x[e % 500 * @NAME@::n_inputs], &y[e % 500 * @NAME@::n_outputs], 1);
        asm volatile("" ::: "memory");
      }
    });
    measure(best[@I@][2], 10000, [&] {
      for (int k = 0; k < 10; ++k) {
        @NAME@::predict(x.data(), y.data(), 1000);
        asm volatile("" ::: "memory");
      }
    });
    if (repeat % 5 == 0) measure(best[@I@][3], 100000, [&] { @NAME@::predict(x.data(), y.data(), 100000); });
"""


def chain_of(
    sizes: tuple[int, ...], activations: tuple[str, ...], *, masks: list | None = None, seed: int = 0
) -> Network:
    """Return a network of random weights, times masks."""
    rng = np.random.default_rng(seed)
    layers = []
    for index, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
        kernel = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in) * (1 if masks is None else masks[index])
        layers.append(DenseLayer(f"layer_{index}", kernel, rng.normal(size=n_out) * 0.3, activations[index]))
    return with_standardisation(Network.chain(layers), rng.normal(size=sizes[0]), rng.uniform(0.5, 2, sizes[0]))


def masks_of(seed: int, density: float) -> dict[str, list]:
    """Return masks of 59-150-6: zeros at random in each layer, or as many with every hidden unit in use."""
    rng = np.random.default_rng(seed)
    total = round(density * (59 * 150 + 150 * 6))
    after = np.eye(6)[np.arange(150) % 6]
    before = np.zeros(59 * 150)
    before[rng.permutation(59 * 150)[: total - 150]] = 1
    exact = [(rng.permutation(a * b) < round(density * a * b)).reshape(a, b) for a, b in ((59, 150), (150, 6))]
    return {"random": exact, "used": [before.reshape(59, 150), after]}


def networks(seed: int) -> dict[str, tuple[str, Network]]:
    """Return namespace and network of what is timed, by the name that is printed."""
    pid, relu = (59, 150, 6), ("relu", "sigmoid")
    masks, jets = masks_of(seed, 0.05), chain_of((16, 64, 32, 32, 5), ("relu",) * 3 + ("linear",), seed=seed)
    return {
        "59-150-6 dense": ("dense_59_150_6", chain_of(pid, relu, seed=seed)),
        "59-150-6 95 % zeros, random zeros": ("random_zeros", chain_of(pid, relu, masks=masks["random"], seed=seed)),
        "59-150-6 95 % zeros, every unit used": ("units_used", chain_of(pid, relu, masks=masks["used"], seed=seed)),
        "59-30-6 dense": ("dense_59_30_6", chain_of((59, 30, 6), relu, seed=seed)),
        "6-15-1 sigmoid": ("drone_6_15_1", chain_of((6, 15, 1), ("sigmoid", "sigmoid"), seed=seed)),
        "17-15-1 sigmoid": ("drone_17_15_1", chain_of((17, 15, 1), ("sigmoid", "sigmoid"), seed=seed)),
        "16-64-32-32-5 softmax": ("jets", with_softmax(jets)),
    }


def time_headers(chains: dict[str, Network], repeats: int, march: str) -> tuple[int, float, list[list[float]]]:
    """Return lanes of a vector, ns of a float's multiply-add at the peak, and ns per event.

    One, batches of 1, 1000, 100,000.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, chain in chains.items():
            write_cpp(chain, Path(folder, f"{name}.hpp"), name=name)
        includes = "#include <cstdlib>\n" + "".join(f'#include "{name}.hpp"\n' for name in chains)
        calls = "".join(_CALL.replace("@I@", str(i)).replace("@NAME@", name) for i, name in enumerate(chains))
        text = _PROGRAM.replace("@INCLUDES@", includes).replace("@NETS@", str(len(chains))).replace("@CALLS@", calls)
        Path(folder, "time.cpp").write_text(text)
        compile_cpp(Path(folder, "time.cpp"), Path(folder, "time"), flags=("-std=c++17", "-O3", f"-march={march}"))
        log = Path(folder, "time.log")
        run_tool([str(Path(folder, "time")), str(repeats)], cwd=folder, log=log, timeout_s=600)
        first, *rows = (line.split() for line in log.read_text().splitlines())
    return int(first[0]), float(first[1]), [[float(value) for value in row] for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--march", default="native", help="as g++ takes it; haswell for AVX2 where there is AVX-512")
    options = parser.parse_args()
    chains = networks(options.seed)
    lanes, fma_ns, times = time_headers(dict(chains.values()), options.repeats, options.march)
    rows = [{"method": "peak", "lanes": lanes, "fma_gflops": 2 / fma_ns, "threads": 1}]
    for (name, (_, chain)), (event, *batches) in zip(chains.items(), times):
        x = np.random.default_rng(options.seed).normal(size=(1000, chain.n_inputs))
        row = {"method": name, "live_weights": chain.n_weights, "event_ns": event}
        row |= {f"batch_{n}_ns_per_event": value for n, value in zip(_BATCHES, batches)}
        rows.append(row | {"largest_difference": check_cpp(chain, x), "threads": 1})
    ns = {row["method"]: row.get("batch_1000_ns_per_event") for row in rows}
    event_ns = {row["method"]: row.get("event_ns") for row in rows}
    dense, limit = ns["59-150-6 dense"], 12 if lanes == 16 else 23
    goals = []
    for zeros in ("random zeros", "every unit used"):
        sparse = ns[f"59-150-6 95 % zeros, {zeros}"]
        goals.append(
            goal(f"59-150-6, 95 % zeros ({zeros}): dense time over sparse, batch 1000", dense / sparse, ">=", 14)
        )
        goals.append(goal(f"59-150-6, 95 % zeros ({zeros}): ns per event, batch 1000", sparse, "<=", limit))
    goals += [
        goal(
            "59-150-6 dense: share of the FMA peak, batch 1000",
            59 * 150 * fma_ns / dense + 150 * 6 * fma_ns / dense,
            ">=",
            0.7,
        ),
        goal("59-30-6 dense: one event, ns", event_ns["59-30-6 dense"], "<=", 60),
        goal("6-15-1: one event, ns", event_ns["6-15-1 sigmoid"], "<=", 40),
        goal("6-15-1: ns per event, batch 1000", ns["6-15-1 sigmoid"], "<=", 3),
    ]
    write_result("cpp_kernels", "GENERATED", rows, goals, path=options.json, seeds=[options.seed])


if __name__ == "__main__":
    main()
