"""A quantizer's text, ``quantized_bits(4,0,alpha=1)``, as its name and its arguments; nothing of it is run."""

import ast
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from codesign.errors import ConfigError, UnsupportedLayerError
from codesign.model_files import check_quantizer_text
from codesign.model_files.known_names import ACTIVATIONS
from codesign.read.keras_records import Named

_NOISE = ("qnoise_factor", "var_name", "use_ste", "use_variables")
_SYMMETRIC = ("quantized_bits", "quantized_linear", "quantized_hswish")
_SCALED = (*_SYMMETRIC, "binary", "stochastic_binary", "ternary", "stochastic_ternary", "bernoulli")
_BITS = ("bits", "integer", "symmetric", "keep_negative", "alpha", "use_stochastic_rounding", "scale_axis")
# the arguments of each by their places
ARGUMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "quantized_bits": (*_BITS, *_NOISE),
        "quantized_linear": (*_BITS, "qnoise_factor", "var_name", "use_variables"),
        "quantized_hswish": (
            *("bits", "integer", "symmetric", "alpha", "use_stochastic_rounding", "scale_axis"),
            *_NOISE,
            *("relu_shift", "relu_upper_bound"),
        ),
        "quantized_relu": (
            *("bits", "integer", "use_sigmoid", "negative_slope", "use_stochastic_rounding"),
            *("relu_upper_bound", "is_quantized_clip"),
            *_NOISE,
        ),
        "quantized_tanh": ("bits", "use_stochastic_rounding", "symmetric", "use_real_tanh"),
        "quantized_sigmoid": ("bits", "symmetric", "use_real_sigmoid", "use_stochastic_rounding"),
        "quantized_ulaw": ("bits", "integer", "symmetric", "u"),
        "quantized_po2": (
            *("bits", "max_value", "use_stochastic_rounding", "quadratic_approximation", "log2_rounding"),
            *_NOISE,
        ),
        "quantized_relu_po2": (
            *("bits", "max_value", "negative_slope", "use_stochastic_rounding", "quadratic_approximation"),
            *("log2_rounding", *_NOISE),
        ),
        "binary": ("use_01", "alpha", "use_stochastic_rounding"),
        "stochastic_binary": ("alpha", "temperature", "use_real_sigmoid"),
        "ternary": ("alpha", "threshold", "use_stochastic_rounding", "number_of_unrolls"),
        "stochastic_ternary": ("alpha", "threshold", "temperature", "use_real_sigmoid", "number_of_unrolls"),
        "bernoulli": ("alpha", "temperature", "use_real_sigmoid"),
    }
)


def quantizer_named(text: str, layer: str) -> Named:
    """Return what a text names: a quantizer with its arguments by name, or a function.

    Args:
        text: ``quantized_bits(6,0,alpha=1)``, ``quantized_relu(4, integer=2)``, ``hard_tanh``, ``relu``.
        layer: name for messages.

    Raises:
        UnsupportedLayerError: for another name, or arguments that are none of its own.
    """
    try:
        check_quantizer_text(text, f"layer '{layer}'")
        name, _, rest = text.strip().partition("(")
        if not rest:
            is_object = name in ARGUMENTS
            return Named(
                name, "keras" if name in ACTIVATIONS - {"hard_sigmoid"} else "qkeras", is_function=not is_object
            )
        return Named(name, "qkeras", _arguments(text.strip(), name))
    except ConfigError as error:
        raise UnsupportedLayerError(str(error)) from None


def with_open_scale(quantizer: object) -> object:
    """Return a quantizer of weights as QKeras's layers take it: where no scale is given, one is found for each channel.

    Args:
        quantizer: a :class:`codesign.read.keras_records.Named`, or what is none.
    """
    is_open = isinstance(quantizer, Named) and quantizer.kind in _SCALED and quantizer.config.get("alpha") is None
    if not is_open:
        return quantizer
    symmetric = {"symmetric": True} if quantizer.kind in _SYMMETRIC else {}
    return replace(quantizer, config={**quantizer.config, "alpha": "auto_po2", **symmetric})


def _arguments(text: str, name: str) -> dict[str, object]:
    """The arguments of a text that was checked: plain constants."""
    call = ast.parse(text, mode="eval").body
    names = ARGUMENTS.get(name, ())
    given = [(keyword.arg, keyword.value) for keyword in call.keywords]
    given += zip(names, call.args)
    taken = [key for key, _ in given]
    if len(call.args) > len(names) or len(set(taken)) < len(taken) or not set(taken) <= set(names):
        raise ConfigError(f"expected arguments of {name}: {', '.join(names)}. Received: {text}")
    return {key: ast.literal_eval(value) for key, value in given}
