"""All runtimes, in the order of the table."""

from collections.abc import Sequence
from functools import partial

from codesign.cpu.generated import prepare_cpp, prepare_cpp_integer, prepare_emlearn, prepare_json
from codesign.cpu.keras_program import prepare_keras
from codesign.cpu.runtime import Runtime
from codesign.cpu.shared_libraries import prepare_litert, prepare_litert_int8, prepare_onnxruntime, prepare_openvino
from codesign.errors import ConfigError, EnvironmentSetupError, nearest
from codesign.extras import EXTRAS

_EXTRA = EXTRAS["runtimes"].install_hint
_PACKAGE = "make install in the repository"
_LITERT = {"packages": ("ai_edge_litert", "tensorflow"), "install": _PACKAGE, "one_thread": True}

_ALL = (
    Runtime("keras", "Python", prepare_keras, ("tf_keras",), _PACKAGE, compiled=False),
    Runtime("keras-predict", "Python", partial(prepare_keras, call="predict"), ("tf_keras",), _PACKAGE, compiled=False),
    Runtime("litert", "C API", prepare_litert, **_LITERT),
    Runtime("litert-int8", "C API", prepare_litert_int8, approximate=True, **_LITERT),
    Runtime("onnxruntime", "C API", prepare_onnxruntime, ("onnx", "onnxruntime"), _EXTRA),
    Runtime("openvino", "C API", prepare_openvino, ("onnx", "openvino"), _EXTRA),
    Runtime("emlearn", "C", prepare_emlearn, ("emlearn",), _EXTRA, one_thread=True, approximate=True),
    Runtime("json", "C++", prepare_json, one_thread=True),
    Runtime("cpp", "C++", prepare_cpp, one_thread=True),
    Runtime("cpp-integer", "C++", prepare_cpp_integer, one_thread=True, approximate=True),
)
NAMES = tuple(runtime.name for runtime in _ALL)


def runtimes() -> dict[str, str]:
    """Return every runtime by name, with why it is missing and what to do, or an empty string where it is installed."""
    return {runtime.name: runtime.missing() for runtime in _ALL}


def choose(names: Sequence[str] | None) -> list[Runtime]:
    """Return runtimes by name, or all that are installed.

    Raises:
        ConfigError: for an unknown or repeated name, or none.
        EnvironmentSetupError: for one that was asked for and is missing; it says what to install.
    """
    if names is None:
        return [runtime for runtime in _ALL if not runtime.missing()]
    by_name = {runtime.name: runtime for runtime in _ALL}
    for name in names:
        if name not in by_name:
            raise ConfigError(f"runtimes: expected some of {', '.join(NAMES)}. Received: {name}{nearest(name, NAMES)}")
        reason = by_name[name].missing()
        if reason:
            raise EnvironmentSetupError(f"runtimes: expected {name} to be installed. Received: {reason}")
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"runtimes: expected at least one, each once. Received: {' '.join(names) or 'none'}")
    return [by_name[name] for name in names]
