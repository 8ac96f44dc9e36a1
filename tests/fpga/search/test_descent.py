import numpy as np
import pytest

from codesign.fpga import Grid
from codesign.fpga.search.choices import Choices
from codesign.fpga.search.descent import Descent
from codesign.fpga.search.foretold import Foretold
from codesign.fpga.search.noise import noise_of_choices
from codesign.fpga.search.space import Space
from codesign.fpga.search.target import Archive, Target, front_of
from codesign.network import DenseLayer, Network
from codesign.network.precision_choice import resolve_choice
from codesign.network.quantize import NetworkQuantizer

RNG = np.random.default_rng(0)
CHOICES = Choices(
    "kind",
    {**{f"width.{name}": tuple(range(2, 10)) for name in "abc"}, "input": (3, 4, 5, 6, 8), "kind": ("flat", "folded")},
    {"flat": {"levels": (2, 3)}, "folded": {f"reuse.{name}": (1, 2, 4) for name in "abc"}},
)


def gives(point) -> tuple[float, float, float]:
    """Quality, cost and time of a made-up design: layers matter unlike, and cost unlike."""
    values = dict(point)
    widths = np.array([values[f"width.{name}"] for name in "abc"])
    noise = (4.0**-widths * (1, 4, 16)).sum() + 8 * 4.0 ** -values["input"]
    cost = (widths * (9, 3, 1)).sum() + 4 * values["input"]
    if values["kind"] == "flat":
        return noise, cost / values["levels"] ** 0.5, 2.0 * values["levels"]
    reuse = np.array([values[f"reuse.{name}"] for name in "abc"])
    return noise, cost - (widths * (9, 3, 1) * (1 - 1 / reuse)).sum(), 10.0 + reuse.sum()


def beaten(losses: np.ndarray) -> np.ndarray:
    """(n,) by the definition."""
    return np.array([any((other <= one).all() and (other < one).any() for other in losses) for one in losses])


def searched(n: int, seed: int) -> np.ndarray:
    descent, found = Descent(CHOICES, seed, n), []
    while len(found) < n:
        for point in descent.ask(min(8, n - len(found))):
            found.append(gives(point))
            descent.tell(point, found[-1], 0.0)
    return np.array(found)


def drawn(n: int, seed: int) -> np.ndarray:
    rng, found = np.random.default_rng(seed), []
    for _ in range(n):
        kind = str(rng.choice(CHOICES.shared["kind"]))
        values = {name: listed[rng.integers(len(listed))] for name, listed in CHOICES.choices(kind).items()}
        found.append(gives(CHOICES.point(values | {"kind": kind})))
    return np.array(found)


@pytest.mark.slow
def test_few_designs_are_as_good_as_much_of_the_front_of_a_grid():
    grid = np.array([gives(point) for point in CHOICES.alike(1000, RNG)])
    front = grid[~beaten(grid)]  # 63 of 200
    by_search, by_chance = (
        np.mean([[(found <= one).all(1).any() for one in front] for found in (method(40, seed) for seed in range(3))])
        for method in (searched, drawn)
    )
    assert by_search >= 0.35 and by_search > by_chance + 0.1


@pytest.mark.parametrize("n", [1, 7, 60])
def test_fronts_are_those_of_the_definition(n):
    losses = np.column_stack([RNG.integers(0, 5, (n, 3)), np.zeros(n)]).astype(float)
    kept, archive = front_of(losses, most_missed=0.0), Archive(3)
    for index, one in enumerate(losses):
        archive.add(((str(index), 0),), one)
    expected = {tuple(one) for one in losses[~beaten(losses)]}
    for found in (losses[kept], archive.losses):
        assert {tuple(one) for one in found} == expected and len(found) == len(expected)
    assert [losses[int(point[0][0])].tolist() for point in archive.points] == archive.losses.tolist()


def test_fronts_are_of_those_that_miss_limits_least():
    losses = np.array([[0.0, 0.0, 2.0], [1.0, 1.0, 0.0], [2.0, 0.5, 0.0]])
    assert sorted(front_of(losses, most_missed=0.0)) == [1, 2]
    assert sorted(front_of(losses[:1], most_missed=0.0)) == [0]


def test_distances_are_negative_beyond_the_aim_only():
    target = Target(np.array([1.0, 1.0]), np.array([2.0, 1.0]), np.ones(2))
    found = target.distances(np.array([[0.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 1.0]]))
    assert found[0] < 0 < found[1] and found[2] > 0


def test_points_that_are_alike_are_those_of_the_grid():
    layers = [DenseLayer(name, RNG.normal(size=(4, 4)), np.zeros(4), "relu") for name in ("fc1", "fc2", "output")]
    grid = Grid(weights=(3, 5), activations=(4, 6, 8), inputs=(4, 8), reuse_factors=(1, 2))
    network = Network.chain(layers)
    space = Space.of(network, grid)
    points = space.alike(1000, RNG)
    assert len(set(points)) == grid.count
    found = {(repr(resolve_choice(space.precision(one), network)), repr(space.setting(one))) for one in points}
    choices = [repr(resolve_choice(one, network)) for one in grid.precision_choices()]
    assert found == {(choice, repr(setting)) for choice in choices for setting in grid.hardware_settings()}
    assert len(space.alike(20, np.random.default_rng(0))) <= 20


def test_what_is_foretold_of_points_that_are_known_is_near_what_they_gave():
    points = CHOICES.alike(1000, RNG)
    losses = np.log([gives(one) for one in points])
    foretold = Foretold(CHOICES)
    foretold.fit(points[::2], losses[::2])
    off = np.abs(foretold.losses(points) - losses)
    assert off[::2].mean() < 0.1 * losses.std() and off[1::2].mean() < 0.3 * losses.std()


def test_noise_is_the_mean_squared_change_of_one_narrow_layer():
    layers = [
        DenseLayer("fc1", RNG.normal(size=(4, 6)), np.zeros(6), "relu"),
        DenseLayer("output", RNG.normal(size=(6, 3)), np.zeros(3)),
    ]
    network, x = Network.chain(layers), RNG.normal(size=(300, 4))
    space = Space.of(network, Grid(weights=(3, 5, 8), activations=(4, 9), implementations=("unrolled",)))
    quantizer = NetworkQuantizer(network, x)
    noise = noise_of_choices(space, quantizer, x)
    assert set(noise) == set(space.shared) - {"implementation"}
    widest = {name: listed[-1] for name, listed in space.shared.items()}
    whole = quantizer.quantize(space.precision(space.point(widest))).emulate(x)
    for name, values in noise.items():
        assert values[space.shared[name][-1]] == 0
        assert list(values.values()) == sorted(values.values(), reverse=True)
        for value, found in values.items():
            out = quantizer.quantize(space.precision(space.point(widest | {name: value}))).emulate(x)
            expected = np.mean([np.mean((out - whole)[:, n] ** 2) / whole[:, n].var() for n in range(3)])
            assert found == pytest.approx(expected)
