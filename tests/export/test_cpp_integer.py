"""The generated integers against Network.emulate, bit for bit."""

import shutil
import subprocess

import numpy as np
import pytest

from codesign.errors import AgreementError, DataError, PrecisionError, UnsupportedLayerError
from codesign.export import export_model, write_cpp_integer
from codesign.export.cpp_integer.library import CompiledEmulator, check_emulator
from codesign.export.cpp_integer.lower import check_lowered, lower
from codesign.network import DenseLayer, FixedPoint, Input, Network, Node, quantize_network
from codesign.network.ops import Maximum
from tests.export.emulators_together import assert_same_integers, compile_emulators
from tests.random_designs import random_design
from tests.random_graphs import ALL_KINDS
from tests.random_networks import random_network, with_random_accumulators

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")


def random_chains(seeds):
    """Networks over every mode of rounding and overflow, types per element, wide ones, accumulators that lose bits."""
    found = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        if seed % 4 == 0:
            found.append(random_network(rng, activations=("linear", "relu", "sigmoid", "tanh")))
        elif seed % 4 == 1:
            found.append(random_network(rng, per_element=True))
        elif seed % 4 == 2:
            found.append(with_random_accumulators(rng, random_network(rng)))
        else:
            found.append(random_network(rng, max_width=20, sizes=(3, 4, 2), explicit_types=False))
    return found


def detector_words():
    """A chain whose inputs have a sign, or none, each by itself, and other widths."""
    rng = np.random.default_rng(3)
    network = random_network(rng, (5, 6, 2), explicit_types=False)
    words = FixedPoint([12, 3, 1, 8, 14], [4, 5, 1, -2, 14], [True, False, False, True, False], "TRN", "SAT")
    return Network.chain(network.layers, words)


@pytest.mark.parametrize("seeds", [range(8), pytest.param(range(8, 20), marks=pytest.mark.slow)], ids=["few", "more"])
def test_chains_of_every_mode(seeds, tmp_path):
    networks = [*random_chains(seeds), detector_words()]
    assert_same_integers(networks, compile_emulators(networks, tmp_path, "-O1"))


@pytest.mark.parametrize("seeds", [range(5), pytest.param(range(5, 12), marks=pytest.mark.slow)], ids=["few", "more"])
def test_graphs_of_every_op(seeds, tmp_path):
    networks = [random_design(seed, n_nodes=12, kinds=ALL_KINDS)[0] for seed in seeds]
    assert_same_integers(networks, compile_emulators(networks, tmp_path, "-O1"))


def fixed_chain(seed=0, sizes=(4, 6, 3), **widths):
    rng = np.random.default_rng(seed)
    layers = [
        DenseLayer(f"dense_{index}", rng.normal(size=shape), rng.normal(size=shape[1]), "relu")
        for index, shape in enumerate(zip(sizes, sizes[1:]))
    ]
    options = {"weights": 6, "activations": 8, "inputs": 8} | widths
    return quantize_network(Network.chain(layers), rng.normal(size=(200, sizes[0])), **options)


_MAIN = """#include "a.hpp"
#include "b.hpp"
#include <cstdio>
void other(const float* x, double* y);
int main() {
  static_assert(a::n_inputs == 4 && a::n_outputs == 3 && a::inputs[1].width == 8 && a::inputs[1].name[0] == 'e');
  const float x[4] = {0.3f, -1.2f, 0.9f, 2.5f};
  double y[3];
  a::input_t event[4];
  a::output_t result[3];
  a::encode(x, event);
  a::emulate(event, result);
  a::decode(result, y);
  for (double value : y) std::printf("%.17g ", value);
  b::input_t event_b[4];
  b::output_t result_b[3];
  b::encode(x, event_b);
  b::emulate(event_b, result_b);
  b::decode(result_b, y);
  for (double value : y) std::printf("%.17g ", value);
  other(x, y);
  for (double value : y) std::printf("%.17g ", value);
}
"""
_OTHER = """#include "c/a.hpp"
void other(const float* x, double* y) {
  a::input_t event[4];
  a::output_t result[3];
  a::encode(x, event);
  a::emulate(event, result, 1);
  a::decode(result, y);
}
"""


def test_versions_of_one_name_never_share_weights_in_a_program(tmp_path):
    networks = [fixed_chain(seed) for seed in range(3)]
    (tmp_path / "c").mkdir()
    write_cpp_integer(networks[0], tmp_path / "a.hpp", namespace="a", input_names=["eta", "eta2", "eta3", "eta4"])
    write_cpp_integer(networks[1], tmp_path / "b.hpp", namespace="b")
    write_cpp_integer(networks[2], tmp_path / "c" / "a.hpp", namespace="a")
    (tmp_path / "main.cpp").write_text(_MAIN)
    (tmp_path / "other.cpp").write_text(_OTHER)
    flags = ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    subprocess.run(["g++", *flags, "main.cpp", "other.cpp", "-o", "program"], cwd=tmp_path, check=True)
    printed = subprocess.run(["./program"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    x = np.float32([[0.3, -1.2, 0.9, 2.5]])
    expected = np.concatenate([network.emulate(x)[0] for network in networks])
    np.testing.assert_array_equal(np.array(printed.split(), float), expected)


def test_export_compares_before_it_writes(tmp_path, monkeypatch):
    network, target = fixed_chain(), tmp_path / "tagger.hpp"
    exported = export_model(network, target, to="cpp-integer", name="tagger")
    assert exported.agreement.difference == 0 and exported.agreement.n_events > 1000
    before = target.read_bytes()
    with pytest.raises(AgreementError, match="integers of Network.emulate"):
        check_emulator(fixed_chain(1), target, np.ones((3, 4)), namespace="tagger", name="tagger.hpp")
    with pytest.raises(PrecisionError, match="quantize_network"):
        export_model(Network.chain([DenseLayer("d", [[1.0]], [0.0])]), target, to="cpp-integer")
    assert target.read_bytes() == before


def test_bad_arguments(tmp_path):
    with pytest.raises(DataError, match="namespace"):
        write_cpp_integer(fixed_chain(), tmp_path / "a.hpp", namespace="class")
    with pytest.raises(DataError, match="input_names: expected 4"):
        write_cpp_integer(fixed_chain(), tmp_path / "a.hpp", input_names=["a"])
    with pytest.raises(DataError, match="codes: expected"):
        CompiledEmulator(fixed_chain(), flags=("-std=c++17", "-O0")).emulate_codes(np.full((1, 4), 2**40))


@pytest.mark.parametrize("seed", range(6))
def test_what_can_be_lowered_passes_the_check(seed):
    network, _ = random_design(seed, kinds=ALL_KINDS)
    for check in (lower, check_lowered):
        check(network)


def test_an_op_that_is_not_there_is_named_by_both():
    class Other(Maximum):
        """An op of somebody else."""

    kind = FixedPoint(6, 3)
    network = Network([Node("most", Other(), ["a", "b"])], [Input("a", (2,), kind), Input("b", (2,), kind)], ["most"])
    for check in (lower, check_lowered):
        with pytest.raises(UnsupportedLayerError, match=r"layer 'most': expected an op that the integer C\+\+ has"):
            check(network)
