"""QKeras's quantizers to two or three values and to powers of two, in NumPy, as at inference."""

from collections.abc import Mapping

import numpy as np

from codesign.read.qkeras.arithmetic import (
    EPSILON,
    channel_axes,
    exponent_below,
    least_squares_scale,
    nearest_exponent,
    power_of_two,
    sign,
    single,
    straight_through,
)

_AUTO = ("auto", "auto_po2")
_THRESHOLD = 0.33
_UNROLLS = 5

Config = Mapping[str, object]


def binary(x: np.ndarray, config: Config) -> np.ndarray:
    """``alpha sign(x)``, 1 at 0; or 0 and alpha."""
    codes, alpha = sign(x), _checked_alpha(config)
    if config.get("use_01"):
        codes = (codes + single(1)) / single(2)
    if alpha is None:
        return codes
    return straight_through(x, _scale(alpha, x, codes) * codes)


def ternary(x: np.ndarray, config: Config) -> np.ndarray:
    """``alpha sign(x)`` where x is beyond a threshold, else 0; with a scale of each channel for `auto`."""
    alpha, threshold = _checked_alpha(config), config.get("threshold")
    if isinstance(alpha, str):
        if threshold is not None:
            raise ValueError(f"threshold={threshold} beside alpha='{alpha}'")
        return _ternary_auto(x, config)
    if isinstance(threshold, str) or (alpha is not None and config.get("use_stochastic_rounding")):
        raise ValueError("a threshold or a random rounding that only weights have")
    codes = _beyond(x, single(_THRESHOLD if threshold is None else threshold))
    return codes if alpha is None else straight_through(x, single(alpha) * codes)


def quantized_po2(x: np.ndarray, config: Config) -> np.ndarray:
    """The nearest power of two, by its exponent."""
    low, high = _exponents(config, config.get("bits", 8) - 1)
    return _mixed(x, sign(x) * power_of_two(_clipped(np.abs(x), config, low, high)), config)


def quantized_relu_po2(x: np.ndarray, config: Config) -> np.ndarray:
    """The nearest power of two of what is above 0, and of a share of what is below."""
    slope, bound = single(config.get("negative_slope", 0.0)), config.get("max_value")
    low, high = _exponents(config, config.get("bits", 8))
    rectified = np.where(x < 0, slope * x, x) if slope else np.maximum(x, single(0))
    if bound is not None:
        rectified = np.where(x <= single(bound), rectified, single(bound))
    above = power_of_two(_clipped(np.maximum(x, single(0)), config, low, high))
    below = power_of_two(_clipped(np.maximum(-x, single(0)) * slope, config, low, high))
    return _mixed(rectified, np.where((x >= 0) | (slope == 0), above, -below), config)


def _ternary_auto(x: np.ndarray, config: Config) -> np.ndarray:
    axes = channel_axes(x.ndim) if x.ndim > 1 else None
    scale = single(2) * np.max(np.abs(x), axis=axes, keepdims=True) / single(3)
    if config["alpha"] == "auto_po2":
        scale = power_of_two(nearest_exponent(scale + EPSILON))
    codes = np.zeros_like(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(int(config.get("number_of_unrolls", _UNROLLS))):
            rounded = scale * np.round(x / scale)
            codes = single(np.abs(rounded) >= scale / single(2)) * np.sign(x)
            scale = least_squares_scale(config["alpha"], x, codes)
        return straight_through(x, scale * codes)


def _beyond(x: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    return single(np.abs(x) >= threshold) * np.sign(x)


def _checked_alpha(config: Config) -> object:
    alpha = config.get("alpha")
    if isinstance(alpha, str) and alpha not in _AUTO:
        raise ValueError(f"alpha='{alpha}', which is neither auto nor auto_po2")
    return alpha


def _scale(alpha: object, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
    return least_squares_scale(alpha, x, codes) if isinstance(alpha, str) else single(alpha)


def _exponents(config: Config, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest exponent of `bits`, one of which is its sign where values above 1 are allowed."""
    bound = config.get("max_value")
    if bound is not None and bound < 0:
        raise ValueError(f"max_value={bound}, which is below 0")
    count = 2.0 ** (bits - (bound is None or bound > 1))
    highest = count - 1
    return single(-count), single(2 * (highest // 2) if config.get("quadratic_approximation") else highest)


def _clipped(x: np.ndarray, config: Config, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The exponents of values from 0 on."""
    bound, is_quadratic = config.get("max_value"), bool(config.get("quadratic_approximation"))
    values = np.where(x < EPSILON, EPSILON, x)
    if bound is not None:
        values = np.where(values >= single(bound), single(bound), values)
    values = np.sqrt(values) if is_quadratic else values
    with np.errstate(divide="ignore"):
        found = exponent_below(values) if config.get("log2_rounding", "rnd") == "floor" else nearest_exponent(values)
    return np.where(x < EPSILON, low, single(2 if is_quadratic else 1) * np.clip(found, low, high))


def _mixed(x: np.ndarray, quantised: np.ndarray, config: Config) -> np.ndarray:
    return straight_through(x, quantised, config.get("qnoise_factor", 1.0), use_ste=bool(config.get("use_ste", True)))
