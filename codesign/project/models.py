"""The networks of a project: trained, or loaded, and kept for the next run."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from pathlib import Path

import numpy as np

from codesign._version import __version__
from codesign.data import Dataset
from codesign.errors import ConfigError, DataError, nearest
from codesign.export import load_design_network
from codesign.fpga import decide
from codesign.fpga.design.reuse import check_reuse_factor
from codesign.fpga.sweep.decide import n_scores
from codesign.network import Network
from codesign.project.config import ProjectConfig


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network, and what its float model said on the test events.

    Args:
        name: for progress bars.
        weights: the part of the precision grid that this network is swept over.
        network: as read from the model.
        decisions: (n_events,) argmax of the Keras model itself on the test events.
        accuracy: share of right decisions of the Keras model.
    """

    name: str
    weights: tuple[int | str, ...]
    network: Network
    decisions: np.ndarray
    accuracy: float


def check_training(config: ProjectConfig, data: Dataset) -> None:
    """Find what the training and the sweep would stumble over, before the minutes that they take.

    Raises:
        ConfigError: for settings outside their range.
        DataError: for data of one class, which any network gets right.
        ReuseFactorError: for a reuse factor that hls4ml cannot build for the network to be trained.
    """
    if data.n_classes < 2:
        only = data.classes[0]
        raise DataError(
            f"y_train: expected events of two classes or more. Received: '{only}' alone; add events of another"
        )
    if config.train is None:
        return
    from codesign.train import FitSettings, check_bits

    FitSettings(**config.train.fit)
    check_bits(weight_bits=config.train.weight_bits or 2, activation_bits=config.train.activation_bits)
    sizes = (data.n_features, *config.train.hidden, data.n_classes)
    for setting in config.grid.hardware_settings():
        check_reuse_factor(list(zip(sizes, sizes[1:])), setting.reuse_factor, setting.implementation)
    if config.train.weight_bits is None:
        for width in config.grid.weights:
            if not isinstance(width, int):
                raise ConfigError(
                    f"grid.weights: expected numbers of bits, one training each. Received: {width}; set "
                    "model.train.weight_bits"
                )
            check_bits(weight_bits=width)


def obtain_networks(config: ProjectConfig, data: Dataset, directory: Path) -> list[TrainedNetwork]:
    """Load the project's model, or train one per weight width.

    What an earlier run trained with the same settings is reused.

    Args:
        config: the project.
        data: standardised events.
        directory: where models are kept.

    Raises:
        DataError: if the model does not take the data's features.
    """
    if config.model_path is not None:
        return [_loaded(config, data)]
    if config.train.weight_bits is not None:
        return [_trained(config, config.train.weight_bits, config.grid.weights, data, directory)]
    return [_trained(config, width, (width,), data, directory) for width in config.grid.weights]


def model_accuracy(config: ProjectConfig, data: Dataset) -> float:
    """Return how often the model of ``model.path`` is right on the test events of `data`."""
    return _loaded(config, data).accuracy


def _loaded(config: ProjectConfig, data: Dataset) -> TrainedNetwork:
    path, weights = config.model_path, config.grid.weights
    about = path.stat() if path.exists() else None
    model = _opened(path, about and (about.st_mtime_ns, about.st_size))
    if not isinstance(model, Network):
        return _from_keras(model, weights, data, path.name, config.model_output)
    network = _deciding_first(model, config.model_output)
    _check_shape(network, data, path.name)
    return _judged(path.name, weights, network, network.predict(data.x_test), data)


@lru_cache(maxsize=1)
def _opened(path: Path, state: tuple[int, int] | None) -> object:
    """Read a file once in a run, which asks for its model several times.

    One whose time or size has changed is read again.
    """
    network = load_design_network(path, what="model.path")
    if network is not None:
        return network
    from codesign.train import load_model

    return load_model(path)


def _trained(config: ProjectConfig, bits: int, weights: tuple, data: Dataset, directory: Path) -> TrainedNetwork:
    from codesign.train import FitSettings, build_qmlp, fit_classifier, load_model, save_model

    settings = FitSettings(**config.train.fit, seed=config.seed)
    sizes = (data.n_features, config.train.hidden, data.n_classes)
    identity = json.dumps([__version__, sizes, bits, config.train.activation_bits, vars(settings), _fingerprint(data)])
    key = hashlib.sha256(identity.encode()).hexdigest()[:12]
    path, label = directory / f"w{bits}_{key}.h5", f"{bits}-bit weights"
    if path.exists():
        return _from_keras(load_model(path), weights, data, label)
    model = build_qmlp(*sizes, weight_bits=bits, activation_bits=config.train.activation_bits, seed=config.seed)
    model = fit_classifier(model, data, settings, restart_directory=directory / f"w{bits}_{key}_restart", label=label)
    save_model(model, path)
    return _from_keras(model, weights, data, label)


def _from_keras(model: object, weights: tuple, data: Dataset, name: str, output: str | None = None) -> TrainedNetwork:
    fits = sum(prod(one.shape[1:]) for one in model.inputs) == data.n_features
    network = Network.from_keras(model, data.x_test if fits else None)
    deciding = _deciding_first(network, output)
    _check_shape(deciding, data, name)
    inputs = list(network.input_layout.split(data.x_test).values())
    given = model.predict(inputs if len(inputs) > 1 else inputs[0], batch_size=4096, verbose=0)
    given = dict(zip(network.outputs, given if isinstance(given, list) else [given]))
    return _judged(name, weights, deciding, deciding.output_layout.join(given), data)


def _deciding_first(network: Network, output: str | None) -> Network:
    """Return the network with the output first that is compared with the labels."""
    if output is None:
        return network
    if output not in network.outputs:
        raise ConfigError(
            f"model.output: expected one of {', '.join(network.outputs)}. Received: {output}"
            f"{nearest(output, network.outputs)}"
        )
    return replace(network, outputs=(output, *(name for name in network.outputs if name != output)))


def _judged(name: str, weights: tuple, network: Network, outputs: np.ndarray, data: Dataset) -> TrainedNetwork:
    decisions = decide(network, outputs)
    return TrainedNetwork(name, weights, network, decisions, float((decisions == data.y_test).mean()))


def _check_shape(network: Network, data: Dataset, name: str) -> None:
    n_outputs, several = n_scores(network), len(network.outputs) > 1
    fits = n_outputs == data.n_classes or (n_outputs, data.n_classes) == (1, 2)
    cure = f"; give it an output for each of the {data.n_classes} classes, or leave out classes and renumber the labels"
    if several:
        cure = f" at its first output; model.output names the one that the labels are of: {', '.join(network.outputs)}"
    if network.n_inputs != data.n_features or not fits:
        raise DataError(
            f"model.path: expected a network {data.n_features} -> {data.n_classes} for the data '{data.name}'. "
            f"Received: {name} with {network.n_inputs} -> {n_outputs}{'' if fits else cure}"
        )


def _fingerprint(data: Dataset) -> str:
    return hashlib.sha256(np.ascontiguousarray(data.x_train).tobytes() + data.y_train.tobytes()).hexdigest()
