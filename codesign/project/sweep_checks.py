"""What a sweep would stumble over, found before minutes of training; and what project.yml says of the method qkeras."""

import warnings
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from codesign.data import Dataset
from codesign.errors import ConfigError, SaturationWarning
from codesign.fpga import Grid
from codesign.fpga.design.reuse import check_reuse_factor, kernel_shapes
from codesign.fpga.hls4ml.checks import beyond_hls4ml, check_hls4ml
from codesign.fpga.sweep.precisions import quantized_networks
from codesign.methods.qkeras import METHOD, QKerasSettings
from codesign.network import DenseLayer, FixedPoint, Network, PrecisionChoice
from codesign.network.precision_choice import TRAINED, resolve_choice
from codesign.project.config import ProjectConfig
from codesign.train import FitSettings, build_qmlp

_RANGE_EVENTS = 1000
_OWN = ("activation_bits", "weight_bits")  # the others are those of a fit


def qkeras_settings(config: ProjectConfig) -> QKerasSettings:
    """Return how QKeras networks are trained, one for each width, and swept.

    Raises:
        ConfigError: for widths of the grid that are no numbers of bits, without ``model.train.qkeras.weight_bits``.
    """
    given = config.model.train.of(METHOD)
    widths = (given["weight_bits"],) if "weight_bits" in given else config.grid.weights
    for width in widths:
        if not isinstance(width, int):
            raise ConfigError(
                f"grid.weights: expected numbers of bits, one training each. Received: {width}; set "
                "model.train.qkeras.weight_bits"
            )
    fit = FitSettings(**{name: value for name, value in given.items() if name not in _OWN})
    bits = {name: given[name] for name in _OWN[:1] if name in given}
    return QKerasSettings(weight_bits=tuple(widths), fit=fit, grid=config.grid, **bits)


def check_qkeras(config: ProjectConfig, data: Dataset) -> None:
    """Find what the training or the sweep would stumble over, with networks that have their first weights.

    Raises:
        ConfigError: as :func:`qkeras_settings`.
        ReuseFactorError, PrecisionError: for a setting of the grid that hls4ml cannot build.
    """
    settings, hidden = qkeras_settings(config), config.model.train.hidden
    if hidden is None:
        return
    for bits in settings.weight_bits:
        widths = {"weight_bits": bits, "activation_bits": settings.activation_bits}
        network = Network.from_keras(build_qmlp(data.n_features, hidden, data.n_classes, seed=config.seed, **widths))
        for setting in config.grid.hardware_settings():
            check_reuse_factor(kernel_shapes(network), setting.reuse_factor, setting.implementation)
        for width in config.grid.weights if len(settings.weight_bits) == 1 else (bits,):
            check_precisions(_within(network, width), replace(config.grid, weights=(width,)), data)


def check_precisions(network: Network, grid: Grid, data: Dataset) -> int:
    """Quantise a network in every precision of a grid, and return how many designs there are.

    Raises:
        PrecisionError: for a precision that a tool would stumble over.
    """
    with warnings.catch_warnings():  # the sweep says it
        warnings.simplefilter("ignore", SaturationWarning)
        candidates = quantized_networks(network, data.x_train[:_RANGE_EVENTS], grid)
    for candidate in candidates.values():
        if not beyond_hls4ml(candidate.network):
            check_hls4ml(candidate.network)  # of an unrolled design too, the C simulation is run
    return len(candidates) * len(list(grid.hardware_settings()))


def _within(network: Network, width: int | str | Mapping[str, int | str]) -> Network:
    """First weights are not those that will be there.

    They are not to saturate in a type that may hold the trained ones.
    """
    widths = resolve_choice(PrecisionChoice(weights=width), network).weights
    return network.with_layers(tuple(_clipped(layer, widths[layer.name]) for layer in network.layers))


def _clipped(layer: DenseLayer, width: int | str) -> DenseLayer:
    if isinstance(width, int) or width == TRAINED:
        return layer
    limits = FixedPoint.parse(width)
    return replace(layer, kernel=np.clip(layer.kernel, limits.low, limits.high))
