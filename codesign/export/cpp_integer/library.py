"""The generated integers, compiled and called from Python: to check a header, and to use it without writing C++."""

import ctypes
import shutil
import tempfile
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from codesign.errors import AgreementError, DataError
from codesign.export.agreement import Agreement
from codesign.export.cpp_integer.header import write_cpp_integer
from codesign.export.cpp_library import COMPILER_FLAGS, LIBRARY_FLAGS, compile_cpp
from codesign.network import Network
from codesign.network.code_limits import code_limits

_EXTREMES = 64
_WRAPPER = """#include "network.hpp"
extern "C" __attribute__((visibility("default"))) int NAME_bytes(int which) {
  return which ? int(sizeof(NAME::output_t)) : int(sizeof(NAME::input_t));
}
extern "C" __attribute__((visibility("default"))) void NAME_batch(const void* events, void* results, std::size_t n) {
  NAME::emulate(static_cast<const NAME::input_t*>(events), static_cast<NAME::output_t*>(results), n);
}
extern "C" __attribute__((visibility("default"))) void NAME_events(const void* events, void* results, std::size_t n) {
  for (std::size_t e = 0; e < n; ++e)
    NAME::emulate(static_cast<const NAME::input_t*>(events) + e * NAME::n_inputs,
                  static_cast<NAME::output_t*>(results) + e * NAME::n_outputs);
}
extern "C" __attribute__((visibility("default"))) void NAME_encode(const double* values, void* events, std::size_t n) {
  for (std::size_t e = 0; e < n; ++e)
    NAME::encode(values + e * NAME::n_inputs, static_cast<NAME::input_t*>(events) + e * NAME::n_inputs);
}
"""


class CompiledEmulator:
    """The integers of a fixed-point network as generated C++ in a shared library, loaded into this process.

    Args:
        network: what to compile, with every type set.
        namespace: of the header.
        flags: of the compiler; by default those that the header asks for.
        header: that was written of it already; None: a new one.

    Raises:
        ToolError: if g++ is missing, fails, or is not finished in five minutes.
    """

    def __init__(
        self,
        network: Network,
        *,
        namespace: str = "network",
        flags: Sequence[str] = COMPILER_FLAGS,
        header: str | PathLike | None = None,
    ) -> None:
        with tempfile.TemporaryDirectory(prefix="codesign_") as folder:
            target = Path(folder, "network.hpp")
            if header is None:
                write_cpp_integer(network, target, namespace=namespace)
            else:
                shutil.copyfile(header, target)
            Path(folder, "network.cpp").write_text(wrapper(namespace))
            compile_cpp(Path(folder, "network.cpp"), Path(folder, "network.so"), flags=(*flags, *LIBRARY_FLAGS))
            library = ctypes.CDLL(str(Path(folder, "network.so")))
        self.functions = EmulatorFunctions(library, namespace, network)

    def emulate_codes(self, codes: np.ndarray, *, one_by_one: bool = False) -> np.ndarray:
        """Evaluate int64 codes of the inputs, (n_events, n_inputs), to int64 codes of the outputs."""
        return self.functions(codes, one_by_one=one_by_one)


class EmulatorFunctions:
    """The functions of one header in a library that was compiled of the text of :func:`wrapper`."""

    def __init__(self, library: ctypes.CDLL, namespace: str, network: Network) -> None:
        self._batch, self._events = (getattr(library, f"{namespace}_{way}") for way in ("batch", "events"))
        self._encode = getattr(library, f"{namespace}_encode")
        for function in (self._batch, self._events, self._encode):
            function.argtypes, function.restype = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t), None
        bytes_of = getattr(library, f"{namespace}_bytes")
        self.input_type, self.output_type = (np.dtype(f"i{bytes_of(which)}") for which in (0, 1))
        self._network = network

    def __call__(self, codes: np.ndarray, *, one_by_one: bool = False) -> np.ndarray:
        """Evaluate int64 codes of the inputs, (n_events, n_inputs), to int64 codes of the outputs.

        Raises:
            DataError: for a wrong shape, or codes that the integers of the header do not hold.
        """
        given = np.ascontiguousarray(codes, self.input_type)
        if given.ndim != 2 or given.shape[1] != self._network.n_inputs or not np.array_equal(given, codes):
            raise DataError(
                f"codes: expected (n_events, {self._network.n_inputs}) integers of {8 * self.input_type.itemsize} "
                f"bits. Received: shape {given.shape}, or wider ones"
            )
        results = np.empty((len(given), self._network.n_outputs), self.output_type)
        call = self._events if one_by_one else self._batch
        call(given.ctypes.data, results.ctypes.data, len(given))
        return results.astype(np.int64)

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Convert x, (n_events, n_inputs), to int64 codes of the inputs."""
        values = np.ascontiguousarray(self._network.check_events(x))
        codes = np.empty(values.shape, self.input_type)
        self._encode(values.ctypes.data, codes.ctypes.data, len(values))
        return codes.astype(np.int64)


def wrapper(namespace: str, header: str = "network.hpp") -> str:
    """Return the C++ of functions that Python can call, for a header."""
    return _WRAPPER.replace("NAME", namespace).replace("network.hpp", header)


def check_emulator(network: Network, header: str | PathLike, x: np.ndarray, *, namespace: str, name: str) -> Agreement:
    """Compare a header with :meth:`Network.emulate_codes`, on events and on random and extreme codes.

    Args:
        network: with every type set.
        x: (n_events, n_inputs) events.
        namespace: of the header.
        name: of the header, for the message.

    Raises:
        AgreementError: if any integer differs: it says where, and both numbers.
        ToolError: if g++ is missing, or fails.
    """
    functions = CompiledEmulator(network, namespace=namespace, header=header).functions
    events = network.encode(x)
    _compare(functions.encode(x), events, f"{name}: expected the codes of Network.encode", "input")
    codes = np.concatenate([events, extreme_codes(network)])
    expected = network.emulate_codes(codes)
    for one_by_one in (False, True):
        received = functions(codes, one_by_one=one_by_one)
        _compare(received, expected, f"{name}: expected the integers of Network.emulate", "output")
    return Agreement(0.0, len(codes), 0)


def _compare(received: np.ndarray, expected: np.ndarray, message: str, what: str) -> None:
    """Raise an AgreementError unless integers are the same."""
    differs = received != expected
    if differs.any():
        event, at = np.argwhere(differs)[0]
        raise AgreementError(
            f"{message}. Received: {received[event, at]} instead of {expected[event, at]} in {what} {at} of event "
            f"{event}; {int(differs.any(1).sum())} of {len(received)} events differ; please report the network"
        )


def extreme_codes(network: Network, n_events: int = _EXTREMES) -> np.ndarray:
    """Return (n_events, n_inputs) int64: the smallest and the largest codes of every input, mixed, and random ones.

    An embedding takes codes from 0 to its last entry.
    """
    rng, (low, high) = np.random.default_rng(0), code_limits(network)
    codes = rng.integers(low, high, (n_events, network.n_inputs), endpoint=True)
    ends = rng.random(codes.shape)
    mixed = n_events // 2
    codes[:mixed] = np.where(ends[:mixed] < 0.45, low, np.where(ends[:mixed] < 0.9, high, codes[:mixed]))
    codes[:2] = np.stack([low, high])[: len(codes)]
    return codes
