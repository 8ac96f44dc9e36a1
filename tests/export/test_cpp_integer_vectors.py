"""The generated integers in both forms of batches: blocks of events in lanes, and dot products of bytes and words."""

import shutil

import numpy as np
import pytest

from codesign.export.cpp_integer import cpp_integer_source
from codesign.export.cpp_integer.dot_plan import dot_plan
from codesign.export.cpp_integer.lower import lower
from codesign.export.cpp_integer.program import Array, Ref, Term, Unit
from codesign.export.cpp_integer.stages import Stage, passed, settled
from codesign.export.cpp_integer.table_sums import with_table_sums
from codesign.network import DenseLayer, FixedPoint, LayerPrecision, Network
from tests.export.emulators_together import assert_same_integers, compile_emulators
from tests.export.table_networks import mixed_tables, random_tables
from tests.random_designs import random_design
from tests.random_graphs import KINDS
from tests.random_networks import random_network

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
TARGETS = {
    "this machine": ("-march=native",),
    "any x86-64": (),
    "SSSE3": ("-mssse3",),
    "AVX2": ("-mavx2",),
    "AVX2 and VNNI": ("-mavx2", "-mavxvnni"),
    "AVX-512 without VNNI": ("-march=skylake-avx512",),
    "vectors without intrinsics": ("-U__SSE2__",),
    "scalar": ("-DCODESIGN_FORCE_SCALAR",),
}
_HERE, _OTHER, *_ = TARGETS
HERE = pytest.mark.parametrize("target", [_HERE, pytest.param(_OTHER, marks=pytest.mark.slow)])


def runs_here(flags):
    """Whether this processor has what the flags ask for."""
    with open("/proc/cpuinfo") as file:
        found = file.read()
    needs = {"-mssse3": "ssse3", "-mavx2": "avx2", "-mavxvnni": "avx_vnni", "-march=skylake-avx512": "avx512bw"}
    return all(f" {needs[flag]}" in found for flag in flags if flag in needs)


def dense_networks():
    """Rows and outputs that fill a vector, or do not; bytes with a sign and without, words; every rounding and clip."""
    sizes = [(16, 17, 5), (33, 16, 3), (5, 40), (9, 8, 8, 16)]
    found = []
    for seed, own in enumerate(sizes):
        rng = np.random.default_rng(seed)
        options = {"explicit_types": False, "sparsity": 0.1, "per_element": seed == 3, "max_width": 8 if seed else 11}
        found.append(random_network(rng, own, **options))
    return found


def widest_chain(width, overflow):
    """Two layers whose sums reach the ends of a lane and beyond it: weights and inputs all at their limits."""
    weight, values = FixedPoint(8, 8), FixedPoint(width, width, overflow=overflow, rounding="RND")
    kernel = np.full((6, 4), -128.0)
    kernel[:, 1], kernel[::2, 2] = 127.0, 127.0
    types = LayerPrecision(weight, FixedPoint(8, 8), output=values)
    layers = [
        DenseLayer("first", kernel, np.full(4, 127.0), "relu", types),
        DenseLayer("second", kernel[:4, :3], np.full(3, -128.0), "linear", types),
    ]
    return Network.chain(layers, values)


def extreme_networks():
    """Values of 1 to 32 bits."""
    widths = [1, 2, 8, 9, 16, 17, 32]
    return [widest_chain(width, overflow) for width in widths for overflow in ("WRAP", "SAT", "SAT_SYM")]


def table_networks():
    """Few keys, more than a vector chooses from, up to eight a table, inputs of 3 to 19 bits, entries of 4 to 18."""
    found = [random_tables(0), random_tables(1, 40, 60, 30), random_tables(2, 3, 9, 9, sizes=(6, 9))]
    found += [random_tables(3, 150, 100, 20, n_sums=6), random_tables(4, bits=(9, 17)), random_tables(5, bits=(15, 20))]
    return [*found, random_tables(6, width=9), *map(mixed_tables, range(4))]


def test_dot_products_are_written_where_they_are_exact():
    planned = [dot_plan(lower(network)) is not None for network in dense_networks()]
    assert 0 < sum(planned) < len(planned)
    assert ["Layer_0" in cpp_integer_source(network) for network in dense_networks()] == planned
    wide = widest_chain(17, "SAT")
    assert dot_plan(lower(wide)) is None and "Layer_0" not in cpp_integer_source(wide)


@HERE
def test_batches_of_any_size(target, tmp_path):
    networks = dense_networks()
    functions = compile_emulators(networks, tmp_path, "-O1", *TARGETS[target])
    for n_events in (1, 5, 31, 33, 48, 67, 150):
        assert_same_integers(networks, functions, n_events)


def test_values_of_every_width(tmp_path):
    networks = extreme_networks()
    assert_same_integers(networks, compile_emulators(networks, tmp_path, "-O0", "-march=native"), 40)


def test_keys_ask_the_inputs_themselves():
    for network in table_networks()[:3]:
        program = with_table_sums(lower(network))
        assert {ref.array for ref in program.arrays[0].tables.sources} == {program.inputs}
        assert len(program.arrays) == 2  # the sums of tables, and with the offsets


@HERE
def test_tables_of_keys(target, tmp_path):
    networks = table_networks()[::3]
    assert all("Tables_" in cpp_integer_source(network) for network in networks)
    functions = compile_emulators(networks, tmp_path, "-O1", *TARGETS[target])
    for n_events in (1, 63, 67, 130):
        assert_same_integers(networks, functions, n_events)


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("level", ["-O0", "-O3"])
def test_every_target_gives_the_same_integers(level, target, tmp_path):
    if not runs_here(TARGETS[target]):
        pytest.skip(f"this processor has no {target}")
    rng = np.random.default_rng(5)
    networks = [*dense_networks(), *extreme_networks()[::4], *table_networks()]
    networks += [random_design(seed, kinds=KINDS)[0] for seed in range(20, 30)]
    networks += [random_network(rng, activations=("linear", "relu", "sigmoid", "tanh")) for _ in range(10)]
    functions = compile_emulators(networks, tmp_path, level, *TARGETS[target])
    for n_events in (3, 67, 200):
        assert_same_integers(networks, functions, n_events)


def apply_stages(stages, value):
    """Stages on one Python integer."""
    for stage in stages:
        value = passed([stage], (value, value)).range[0] if stage.kind != "looked_up" else stage.table[value]
    return value


@pytest.mark.parametrize("seed", range(20))
def test_settled_stages_do_the_same(seed):
    rng = np.random.default_rng(seed)
    kinds = ["add", "right", "left", "at_least", "at_most", "half_even", "wrapped", "times", "divided"]
    stages = []
    for kind in rng.choice(kinds, 7):
        limit = {"add": (-40, 40), "at_least": (-60, 60), "at_most": (-60, 60), "times": (-3, 4)}.get(kind, (1, 5))
        signed = int(rng.random() < 0.5) if kind == "wrapped" else 0
        stages.append(Stage(str(kind), int(rng.integers(*limit)), signed))
    for value in range(-70, 70):
        assert apply_stages(settled(stages), value) == apply_stages(stages, value)
    bound = passed(stages, (-70, 69)).range
    found = [apply_stages(stages, value) for value in range(-70, 70)]
    assert bound[0] <= min(found) and max(found) <= bound[1]


def test_lanes_are_as_wide_as_the_sums_need():
    source = Array("x", [(-128, 127)] * 2)
    for weight, lane in ((128, 16), (129, 32), (2**23, 32), (2**23 + 1, 64)):
        terms = [Term(weight, (Ref(source, at),)) for at in range(2)]
        assert Unit.of(terms, [Stage("at_least", 0)]).lane == lane
    assert Unit.of([Term(127, (Ref(source, 0),))] * 2, [Stage("add", 600)]).lane == 32
