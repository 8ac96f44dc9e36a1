"""Several generated emulators in one library, since a compiler's start costs more than one."""

import ctypes

import numpy as np

from codesign.export import write_cpp_integer
from codesign.export.cpp_integer.library import EmulatorFunctions, extreme_codes, wrapper
from codesign.export.cpp_library import compile_cpp

FLAGS = ("-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-fno-gnu-unique")


def compile_emulators(networks, folder, *flags):
    """Networks in a list, compiled at once with every warning an error; their functions."""
    names = [f"net_{index}" for index in range(len(networks))]
    for name, network in zip(names, networks):
        write_cpp_integer(network, folder / f"{name}.hpp", namespace=name)
    (folder / "all.cpp").write_text("".join(wrapper(name, f"{name}.hpp") for name in names))
    compile_cpp(folder / "all.cpp", folder / "all.so", flags=(*FLAGS, *flags))
    library = ctypes.CDLL(str(folder / "all.so"))
    return [EmulatorFunctions(library, name, network) for name, network in zip(names, networks)]


def assert_same_integers(networks, functions, n_events=150):
    """Every network and its C++ give the same integers, for all events at once and one by one, and the same codes."""
    for network, function in zip(networks, functions, strict=True):
        codes = extreme_codes(network, n_events)
        expected = network.emulate_codes(codes)
        for one_by_one in (False, True):
            np.testing.assert_array_equal(function(codes, one_by_one=one_by_one), expected, repr(network))
        x = events_between(network, codes)
        np.testing.assert_array_equal(function.encode(x), network.encode(x), repr(network))


def events_between(network, codes):
    """Values at codes, halfway between two, and far outside of the range."""
    rng, kind = np.random.default_rng(1), network.input_precision
    steps = np.exp2(-np.asarray(kind.fraction, float))
    return (codes * rng.choice([1, 1, 3, -5], codes.shape) + rng.choice([0, 0.5, -0.5, 0.3], codes.shape)) * steps
