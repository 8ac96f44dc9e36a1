"""The configuration of a saved Keras 2 model as plain JSON: what it names is checked before Keras sees it."""

import re

from codesign._printable import printable
from codesign._untrusted import parse_json
from codesign.errors import ConfigError, DataError, UnreadableError, UnsupportedLayerError
from codesign.model_files.keras_graph import check_graph
from codesign.model_files.known_names import (
    ACTIVATIONS,
    CLASSES,
    CLASSES_BY_MODULE,
    MODELS,
    OPERATIONS,
    PLAYGROUND_CLASSES,
    QUANTIZER_FUNCTIONS,
    QUANTIZERS,
)
from codesign.model_files.quantizer_text import check_quantizer_text

_LONGEST_TEXT = 16 * 2**20
_DEEPEST = 100
_MOST_VALUES = 1_000_000
_MOST_LAYERS = 1_000
_LARGEST_BITS = 1_000_000  # QKeras computes 2**bits, maybe as a whole number
_MARKS = frozenset(
    {"__tuple__", "TensorShape", "__ellipsis__", "__tensor__", "__numpy__"}
)  # plain values that JSON cannot write
_CALL = re.compile(r"\w\s*\(")
_OPERATION_CLASSES = ("TFOpLambda", "SlicingOpLambda")
_MODULE = re.compile(r"\w+(\.\w+)*", re.ASCII)


def read_config(text: str) -> dict:
    """Parse the configuration of a model.

    Raises:
        DataError: for text that is not JSON, too long, or nested too deeply.
    """
    if len(text) > _LONGEST_TEXT:
        raise DataError(f"expected a configuration of at most {_LONGEST_TEXT:,} characters. Received: {len(text):,}")
    try:
        config = parse_json(text, with_infinity=True)
    except UnreadableError as error:
        raise DataError(f"expected a configuration in JSON. Received: {error}; save it again") from None
    if not isinstance(config, dict):
        raise DataError("expected a configuration with layers. Received: another value; save it again")
    return config


def check_config(config: dict) -> dict:
    """Refuse a configuration that names anything but known classes, functions and quantizers.

    Args:
        config: of a model, as :func:`read_config` gave it.

    Returns:
        The same without what only compiling needs.

    Raises:
        UnsupportedLayerError: for a Lambda layer, or a class or function that is not known; it names the layer.
        DataError: for a configuration that no Keras model has.
    """
    if str(config.get("class_name")) not in MODELS:
        raise UnsupportedLayerError(
            f"expected a Sequential or functional model. Received: {_shown(config.get('class_name'))}; build one of "
            "these with the same "
            "layers and give it the weights (set_weights)"
        )
    checked = _Checker().check(config, key="", layer="the model", depth=0)
    check_graph(checked)
    return checked


def named_modules(config: object) -> set[str]:
    """Return the top-level modules that a configuration names anywhere."""
    waiting, found = [config], set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            found |= {
                str(value[key]).replace(">", ".").partition(".")[0]
                for key in ("module", "registered_name")
                if value.get(key)
            }
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def holds_quantizer_object(config: object) -> bool:
    """Whether a QActivation has its quantizer as an object, which QKeras does not read back from a .keras file."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            inner = value.get("config")
            if (
                value.get("class_name") == "QActivation"
                and isinstance(inner, dict)
                and isinstance(inner.get("activation"), dict)
            ):
                return True
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return False


class _Checker:
    """Walks over a configuration once; counts what has been seen."""

    def __init__(self) -> None:
        self._n_values = self._n_layers = 0

    def check(self, value: object, key: str, layer: str, depth: int) -> object:
        """Return `value`, found under `key` in `layer`, if nothing in it is unknown."""
        self._n_values += 1
        if self._n_values > _MOST_VALUES or depth > _DEEPEST:
            raise DataError(
                f"expected at most {_MOST_VALUES:,} values, {_DEEPEST} deep, in its configuration. Received: more"
            )
        if isinstance(value, str):
            _check_text(value, key, layer)
        if isinstance(value, list):
            return [self.check(item, key, layer, depth + 1) for item in value]
        if not isinstance(value, dict):
            return value
        if {"class_name", "registered_name", "module"} & set(value):
            value = _at_home(value, layer)
            layer = self._check_object(value, key, layer)
        if key == "activation" and value.get("class_name") == "function" and value.get("module") == "builtins":
            return value["config"]  # its name alone, which Keras finds in both kinds of file
        kept = {name: item for name, item in value.items() if name != "compile_config"}
        if "unroll" in kept:  # of recurrent layers: the same function, but a graph of any size
            kept["unroll"] = False
        return {name: self.check(item, name, layer, depth + 1) for name, item in kept.items() if _is_plain(name)}

    def _check_object(self, value: dict, key: str, layer: str) -> str:
        """Refuse an object of an unknown class; return the layer's name if it is one."""
        name, inner = value.get("class_name"), value.get("config")
        if not all(
            isinstance(value.get(word), (str, type(None))) for word in ("class_name", "registered_name", "module")
        ):
            raise DataError(f"expected names of classes and modules as texts in {layer}. Received: another value")
        if name in _MARKS:
            return layer
        own_name = inner.get("name") if isinstance(inner, dict) else None
        if not isinstance(own_name, (str, type(None))):
            raise DataError(f"expected a text as name of each layer. Received: another value, in {layer}")
        layer = f"layer {_shown(own_name)}" if own_name else layer
        if name == "function":
            _check_function(value, key, layer)
        elif name in _OPERATION_CLASSES:
            _check_operation(value, inner, layer)
        else:
            _check_class(value, name, layer)
        if (
            name in QUANTIZERS
            and isinstance(inner, dict)
            and any(isinstance(number, int) and abs(number) > _LARGEST_BITS for number in inner.values())
        ):
            raise DataError(f"expected a quantizer of at most {_LARGEST_BITS:,} bits in {layer}. Received: more")
        self._n_layers += "inbound_nodes" in value or key == "layers"
        if self._n_layers > _MOST_LAYERS:
            raise DataError(f"expected at most {_MOST_LAYERS:,} layers. Received: more")
        return layer


def _at_home(value: dict, layer: str) -> dict:
    """Drop the module of a class of nn_playground, which is never looked up."""
    name, module = value.get("class_name"), value.get("module")
    is_known = not isinstance(module, str) or module.partition(".")[0] in CLASSES_BY_MODULE
    if is_known or not isinstance(name, str) or name not in PLAYGROUND_CLASSES:
        return value
    if name == "TernaryDense":  # a .keras file has its weights under a name that codesign's own layer has too
        raise UnsupportedLayerError(
            f"expected a TernaryDense of nn_playground in an .h5 file. Received: one in a .keras file, in {layer}; "
            "save the model as .h5: model.save('model.h5')"
        )
    return {**value, "module": None, "registered_name": name}


def _is_plain(name: str) -> bool:
    if name.startswith("__") and name != "__passive_serialization__":
        raise DataError(f"expected the configuration of a Keras model. Received: the key {_shown(name)}")
    return True


def _check_text(text: str, key: str, layer: str) -> None:
    names_function = key.endswith(("quantizer", "activation"))
    if text == "_COMPOSITE_TYPE":
        raise DataError(f"expected plain constants in {layer}. Received: a composite tensor")
    if names_function or (_CALL.search(text) and key not in ("name", "date_saved")):
        try:
            if not (names_function and text in ACTIVATIONS | QUANTIZER_FUNCTIONS):
                check_quantizer_text(text, f"{layer}, {key}")
        except ConfigError as error:
            raise UnsupportedLayerError(str(error)) from None


def _check_class(value: dict, name: object, layer: str) -> None:
    module, registered = value.get("module"), value.get("registered_name")
    if name == "Lambda":
        raise UnsupportedLayerError(
            f"expected layers that are data. Received: {layer} is a Lambda, Python code in the file; use the Keras "
            "layer that does "
            "the same (Rescaling, Activation, Reshape, ...)"
        )
    package, _, short = str(name).rpartition(">")
    home = package or (module.partition(".")[0] if module and _MODULE.fullmatch(module) else module)
    known = CLASSES if home is None else CLASSES_BY_MODULE.get(home, ())
    fits = registered is None or registered.rpartition(">")[2] == short
    if short not in known or not fits:
        at = f"{module}." if module else ""
        raise UnsupportedLayerError(
            f"expected layers of Keras 2, QKeras, TFMOT or codesign. Received: {layer} names "
            f"{_shown(f'{at}{name}')}, which is not "
            "looked up; build the model with known layers and give it the weights (set_weights)"
        )


def _check_function(value: dict, key: str, layer: str) -> None:
    function, module = value.get("config"), value.get("module")
    is_known = isinstance(function, str) and function in ACTIVATIONS | QUANTIZER_FUNCTIONS
    is_at_home = module in ("builtins", None) or module.partition(".")[0] in ("keras", "tf_keras", "qkeras")
    if is_known and is_at_home and value.get("registered_name") in ("function", function, None):
        return
    raise UnsupportedLayerError(
        f"expected an activation of Keras or QKeras. Received: {layer}, {key} names the function "
        f"{_shown(f'{module}.{function}')}, which "
        "is not looked up"
    )


def _check_operation(value: dict, inner: object, layer: str) -> None:
    function = inner.get("function") if isinstance(inner, dict) else None
    if not isinstance(function, str) or function not in OPERATIONS:
        raise UnsupportedLayerError(
            f"expected operations that only compute. Received: {layer} calls tf.{_shown(function)}; use a Keras "
            "layer that does the same"
        )


def _shown(value: object) -> str:
    """A name from a file, as far as it is printable and short."""
    text = str(value)
    return f"'{printable(text)}'" if len(text) <= 100 else f"'{printable(text[:60])}...'"
