"""The network of a project whose model is in a file."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from codesign.data import Dataset
from codesign.errors import ConfigError, DataError, nearest
from codesign.fpga.sweep.decide import n_scores
from codesign.network import Network
from codesign.project.config import ProjectConfig
from codesign.read import read_file


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network, and what its float model said.

    Args:
        name: for progress bars.
        network: as read from the model.
        outputs: (n_events, n_outputs) in floating point, of the test events.
    """

    name: str
    network: Network
    outputs: np.ndarray


def load_network(config: ProjectConfig, data: Dataset) -> TrainedNetwork:
    """Return the network of ``model.path``, and what its model says of the test events.

    Raises:
        CodesignError: if the model cannot be read, or does not take the data's features.
    """
    path = config.model.path
    about = path.stat() if path.exists() else None
    network = _deciding_first(_opened(path, about and (about.st_mtime_ns, about.st_size)), config.model.output)
    _check_shape(network, data, path.name)
    return TrainedNetwork(path.name, network, network.predict(data.x_test))


@lru_cache(maxsize=1)
def _opened(path: Path, state: tuple[int, int] | None) -> Network:
    """Read a file once in a run, which asks for its model several times.

    One whose time or size has changed is read again.
    """
    return read_file(path, what="model.path").design_network()


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


def _check_shape(network: Network, data: Dataset, name: str) -> None:
    n_outputs, several = n_scores(network), len(network.outputs) > 1
    fits = n_outputs == data.n_outputs or (n_outputs, data.n_classes) == (1, 2)
    cure = f"; give it an output for each of the {data.n_outputs} targets"
    if data.classes:
        each = f"an output for each of the {data.n_classes} classes"
        cure = f"; give it {each}, or leave out classes and renumber the labels"
    if several:
        cure = f" at its first output; model.output names the one that the labels are of: {', '.join(network.outputs)}"
    if network.n_inputs != data.n_features or not fits:
        raise DataError(
            f"model.path: expected a network {data.n_features} -> {data.n_outputs} for the data '{data.name}'. "
            f"Received: {name} with {network.n_inputs} -> {n_outputs}{'' if fits else cure}"
        )
