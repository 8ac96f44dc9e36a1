"""What project.yml says of the method qkeras, checked before minutes of training."""

from codesign.data import Dataset
from codesign.errors import ConfigError
from codesign.fpga.design.reuse import check_reuse_factor
from codesign.methods.qkeras import METHOD, QKerasSettings
from codesign.project.config import ProjectConfig
from codesign.train import FitSettings

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


def check_reuse(config: ProjectConfig, data: Dataset) -> None:
    """ReuseFactorError for a reuse factor of the grid that hls4ml cannot build for the network to be trained."""
    hidden = config.model.train.hidden
    if hidden is None:
        return
    sizes = (data.n_features, *hidden, data.n_classes)
    for setting in config.grid.hardware_settings():
        check_reuse_factor(list(zip(sizes, sizes[1:])), setting.reuse_factor, setting.implementation)
