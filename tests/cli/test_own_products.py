"""What codesign writes goes through codesign: every product through every command that takes a network."""

import json

import numpy as np
import pytest

from codesign._keras import keras
from codesign.cli.main import main
from codesign.compress import shrink
from codesign.drone import Drone, train_drone
from codesign.export import load_network, write_json
from codesign.layers import PosteriorDense, TopKGate
from codesign.network import Network
from codesign.posterior import CollapseSchedule
from codesign.train import GateSchedule, load_model, save_model

RNG = np.random.default_rng(0)
X = RNG.normal(3, 2, size=(300, 4)).astype(np.float32)
Y = (X[:, 0] > 3).astype(np.float32)
PRODUCTS = (
    *("drone.keras", "drone.h5", "drone.json", "shrunk.keras", "shrunk.h5", "collapsed.keras", "collapsed.h5"),
    *("network.json", "network.keras"),
)


def collapsed():
    keras.utils.set_random_seed(0)
    layers = [
        PosteriorDense(4, activation="relu", initial_log_sigma2=-10.0),
        PosteriorDense(1, initial_log_sigma2=-10.0),
    ]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile("adam", "mse", run_eagerly=True)
    model.fit(X, Y, batch_size=150, verbose=0, callbacks=[CollapseSchedule(X, parts=(1.0,))])
    return model


def gated():
    keras.utils.set_random_seed(0)
    layers = [TopKGate(2), keras.layers.Dense(3, "relu"), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile("adam", "mse", run_eagerly=True)
    model.fit(X, Y, batch_size=150, verbose=0, callbacks=[GateSchedule()])
    return shrink(model)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("products")
    drone = train_drone(
        lambda x: 1 / (1 + np.exp(3 - x[:, 0])), X, max_units=5, max_epochs=2, fine_tune_iterations=5, progress=False
    )
    drone.save(path / "drone.keras")
    save_model(drone.model, path / "drone.h5")
    write_json(load_network(path / "drone.keras"), path / "drone.json")
    shrunk, posterior = gated(), collapsed()
    for suffix in ("keras", "h5"):
        shrunk.save(path / f"shrunk.{suffix}")
        save_model(posterior, path / f"collapsed.{suffix}")
    network = Network.from_keras(posterior)
    network.save(path / "network.json")
    save_model(network.to_keras(), path / "network.keras")
    expected = {"drone": drone.predict(X), "shrunk": shrunk.predict(X), "collapsed": posterior.predict(X, verbose=0)}
    np.savez(path / "events.npz", x=X, y=Y.astype(int))
    return path, {**expected, "network": expected["collapsed"]}


@pytest.mark.parametrize("product", PRODUCTS)
def test_export_gives_what_the_product_gives(product, folder, tmp_path, capsys):
    path, expected = folder
    assert main(["export", str(path / product), "--to", "json", "--out", str(tmp_path / "out.json")]) == 0, (
        capsys.readouterr().err
    )
    difference = np.abs(load_network(tmp_path / "out.json").predict(X) - expected[product.partition(".")[0]]).max()
    assert difference < 1e-5


@pytest.mark.parametrize("product", PRODUCTS)
def test_time_loads_every_product(product, folder, tmp_path, capsys, monkeypatch):
    path, expected = folder
    seen = []
    monkeypatch.setattr("codesign.cpu.time_networks", lambda chains, **options: seen.append(chains) or [])
    monkeypatch.setattr("codesign.report.cpu_times.print_times", lambda *words: None)
    monkeypatch.setattr("codesign.report.cpu_times.make_rows", lambda timings: [])
    assert main(["time", str(path / product), "--runtimes", "cpp"]) == 0, capsys.readouterr().err
    (source,) = seen[0].values()
    assert source.network.n_inputs == 4


@pytest.mark.slow
@pytest.mark.parametrize("product", PRODUCTS)
def test_time_measures_every_product(product, folder, tmp_path, capsys):
    words = [
        "time",
        str(folder[0] / product),
        "--runtimes",
        "cpp",
        "json",
        "--batches",
        "1",
        "--repeats",
        "1",
        "--json",
        str(tmp_path / "t.json"),
    ]
    assert main(words) == 0, capsys.readouterr().err
    assert json.loads((tmp_path / "t.json").read_text())


@pytest.mark.parametrize("product", PRODUCTS)
def test_drone_imitates_every_product(product, folder, capsys, monkeypatch, tmp_path):
    path, expected = folder
    taught = []
    monkeypatch.setattr("codesign.distill.run_drone", lambda teacher, data, out, **options: taught.append(teacher))
    kind = "value" if product.partition(".")[0] in ("collapsed", "network") else "probability"
    assert (
        main(
            ["drone", str(path / product), "--data", str(path / "events.npz"), "--out", str(tmp_path), "--output", kind]
        )
        == 0
    ), capsys.readouterr().err
    np.testing.assert_allclose(taught[0].predict(X), expected[product.partition(".")[0]], atol=2e-5)


@pytest.mark.parametrize("product", [name for name in PRODUCTS if not name.endswith("json")])
def test_network_reads_every_model(product, folder):
    path, expected = folder
    network = Network.from_keras(load_model(path / product))
    logits = network.predict(X)
    outputs = (
        1 / (1 + np.exp(-logits)) if network.layers[-1].activation == "linear" and product[:5] == "drone" else logits
    )
    np.testing.assert_allclose(outputs, expected[product.partition(".")[0]], atol=1e-5)


@pytest.mark.parametrize("read", [Network.from_keras, load_network], ids=["Network", "load_network"])
@pytest.mark.parametrize("product", ["drone", "shrunk"])
def test_objects_are_read_as_their_models(product, read, folder):
    made = Drone.load(folder[0] / "drone.keras") if product == "drone" else gated()
    np.testing.assert_allclose(read(made).predict(X), made.predict(X), atol=1e-5)


def test_a_drone_is_a_drone_again(folder):
    np.testing.assert_array_equal(Drone.load(folder[0] / "drone.keras").predict(X), folder[1]["drone"])
