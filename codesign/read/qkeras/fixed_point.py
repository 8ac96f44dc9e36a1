"""QKeras's quantizers to fixed-point numbers, in NumPy: functions of float32 values and the quantizer's arguments.

Random rounding is of training only: at inference each rounds to the nearest, half to even.
"""

from collections.abc import Mapping

import numpy as np

from codesign.read.qkeras.arithmetic import (
    EPSILON,
    channel_axes,
    internal_sigmoid,
    least_squares_scale,
    log,
    nearest_exponent,
    power_of_two,
    sigmoid,
    sign,
    single,
    straight_through,
)

_AUTO = ("auto", "auto_po2")
_STEPS_OF_AUTO = 5

Config = Mapping[str, object]


def quantized_bits(x: np.ndarray, config: Config) -> np.ndarray:
    """``clip(round(x 2**n / 2**integer), -2**n, 2**n - 1) 2**integer / 2**n`` with n bits beside the sign."""
    bits, keep_negative, alpha = config.get("bits", 8), bool(config.get("keep_negative", True)), config.get("alpha")
    largest, unit = _powers(bits - keep_negative, config)
    if isinstance(alpha, str):
        return _quantized_auto(x, config, largest, unit)
    if bits - keep_negative > 0:
        low = single(keep_negative) * (-largest + single(config.get("symmetric", 0)))
        quantised = unit * np.clip(np.round(x * largest / unit), low, largest - single(1)) / largest
    else:
        quantised = sign(x) if keep_negative else (sign(x) + single(1)) / single(2)
    scale = single(1.0 if alpha is None else alpha)
    return _mixed(x, scale * quantised, config)


def quantized_linear(x: np.ndarray, config: Config) -> np.ndarray:
    """``round(clip(x / step, low, high)) step``."""
    bits, keep_negative, alpha = config.get("bits", 8), bool(config.get("keep_negative", True)), config.get("alpha")
    if isinstance(alpha, str):
        raise ValueError(f"alpha='{alpha}' of quantized_linear")
    unsigned = bits - keep_negative
    step = single(1.0 if alpha is None else alpha) * power_of_two(single(config.get("integer", 0)) - single(unsigned))
    if keep_negative and bits == 1:
        return _mixed(x, sign(x) * step / single(2), config)
    high = power_of_two(single(unsigned)) - single(1)
    low = single(0) if not keep_negative else -high - single(not config.get("symmetric", 1))
    return _mixed(x, np.round(np.clip(x / step, low, high)) * step, config)


def quantized_relu(x: np.ndarray, config: Config) -> np.ndarray:
    """``clip(round(x 2**n / 2**integer) / 2**n, 0, 1 - 2**-n) 2**integer``, with a slope below 0 where one is given."""
    slope, bound = single(config.get("negative_slope", 0.0)), config.get("relu_upper_bound")
    bits = config.get("bits", 8) - (slope != 0)
    largest, unit = _powers(bits, config)
    is_clipped = bool(config.get("is_quantized_clip", True))
    highest = unit - power_of_two(single(config.get("integer", 0)) - single(bits)) if is_clipped else bound
    rectified = np.where(x < 0, slope * x, x) if slope else np.maximum(x, single(0))
    if highest is not None:
        rectified = np.where(x <= single(highest), rectified, single(highest))
    quantised = _rectified(x, config, slope, largest, unit)
    if bound and not is_clipped:
        quantised = np.where(quantised <= single(bound), quantised, single(bound))
    return _mixed(rectified, quantised, config)


def quantized_tanh(x: np.ndarray, config: Config) -> np.ndarray:
    """``clip(round(tanh(x) 2**n) / 2**n, -1, 1 - 2**-n)``, with a straight tanh unless `use_real_tanh`."""
    largest = power_of_two(single(config.get("bits", 8) - 1))
    curve = single(2) * _straight(x, config) - single(1)
    values = np.tanh(x) if config.get("use_real_tanh") else curve
    low = single(-1) + single(config.get("symmetric", False)) / largest
    return np.clip(np.round(values * largest) / largest, low, single(1) - single(1) / largest)


def quantized_sigmoid(x: np.ndarray, config: Config) -> np.ndarray:
    """``clip(round(sigmoid(x) 2**bits) / 2**bits, 0, 1 - 2**-bits)``, with a straight sigmoid unless
    `use_real_sigmoid`."""
    largest = power_of_two(single(config.get("bits", 8)))
    values = sigmoid(x) if config.get("use_real_sigmoid") else _straight(x, config)
    low = single(config.get("symmetric", False)) / largest
    return np.clip(np.round(values * largest) / largest, low, single(1) - single(1) / largest)


def quantized_ulaw(x: np.ndarray, config: Config) -> np.ndarray:
    """The mu law of a straight sigmoid."""
    largest, unit = _powers(config.get("bits", 8) - 1, config)
    u = single(config.get("u", 255.0))
    rounded = single(2) * (np.round(_straight(x / unit, config) * largest) / largest) - single(1)
    law = np.sign(rounded) * log(single(1) + u * np.abs(rounded)) / log(single(1) + u)
    low = single(-1) + single(config.get("symmetric", 0)) / largest
    return unit * np.clip(law, low, single(1) - single(1) / largest)


def quantized_hswish(x: np.ndarray, config: Config) -> np.ndarray:
    """``quantized_bits(x relu6(x + 3) / 6)``."""
    bound = single(config.get("relu_upper_bound", 6))
    shifted = x + single(config.get("relu_shift", 3))
    gate = np.where(shifted <= bound, np.maximum(shifted, single(0)), bound)
    return quantized_bits(x * gate / bound, {**config, "keep_negative": True})


def _quantized_auto(x: np.ndarray, config: Config, largest: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """With a scale of each channel's own, which its largest value sets, and for `auto_po2` its squares."""
    alpha, axis = config["alpha"], config.get("scale_axis")
    if alpha not in _AUTO:
        raise ValueError(f"alpha='{alpha}', which is neither auto nor auto_po2")
    x, levels = x / unit, single((2 ** (int(config.get("bits", 8)) - 1) - 1) * 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.max(np.abs(x), axis=channel_axes(x.ndim, axis), keepdims=True) * single(2) / levels
        if alpha == "auto_po2":
            scale = power_of_two(nearest_exponent(scale + EPSILON))
            for _ in range(_STEPS_OF_AUTO):
                codes = _codes(x, scale, levels)
                scale = least_squares_scale(alpha, x, codes, axis)
        else:
            codes = _codes(x, scale, levels)
        quantised = scale * largest * (unit * codes / largest)
    return _mixed(unit * x, quantised, config)


def _codes(x: np.ndarray, scale: np.ndarray, levels: np.ndarray) -> np.ndarray:
    found = np.floor(np.abs(x) / scale + single(0.5))
    highest = levels / single(2)
    return np.sign(x) * np.where(found < highest, found, highest)


def _rectified(x: np.ndarray, config: Config, slope: np.ndarray, largest: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """The quantised values, above 0 and below."""
    below = single(0)
    if config.get("use_sigmoid"):
        scaled = _straight(x / unit, config) * largest
        above = np.clip(
            single(2) * (np.round(scaled) / largest) - single(1), single(0), single(1) - single(1) / largest
        )
    else:
        scaled = x * largest / unit
        above = np.clip(np.round(scaled) / largest, single(0), single(1) - single(1) / largest)
    if slope > 0:
        codes = np.round(scaled * slope) * (single(1) / (slope * largest))
        codes = single(2) * codes - single(1) if config.get("use_sigmoid") else codes
        below = unit * slope * np.clip(codes, single(-1), single(0))
    return unit * above + below


def _straight(x: np.ndarray, config: Config) -> np.ndarray:
    return internal_sigmoid(x, str(config.get("internal_sigmoid", "hard_sigmoid")))


def _powers(bits: object, config: Config) -> tuple[np.ndarray, np.ndarray]:
    """``2**bits`` and ``2**integer``."""
    return power_of_two(single(bits)), power_of_two(single(config.get("integer", 0)))


def _mixed(x: np.ndarray, quantised: np.ndarray, config: Config) -> np.ndarray:
    return straight_through(x, quantised, config.get("qnoise_factor", 1.0), use_ste=bool(config.get("use_ste", True)))
