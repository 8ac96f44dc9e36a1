"""The names of oneAPI's kernels: from the symbols of their C++ functions, the layer's function and its settings.

The symbols are the Itanium ABI's (https://itanium-cxx-abi.github.io/cxx-abi/abi.html, section 5.1): ``_ZN4nnet11relu_
stream...E12relu_config3...`` is ``nnet::relu_stream<..., relu_config3>``. Only the names that stand in a symbol are
read, each with its length in front; what is between them, such as literals and back references, is passed over.
"""

import re

_OF_A_TYPE = "_ZTS"  # the kernel of a class: its name is the class's
_NESTED = re.compile(r"_ZN[KVrRO]*")
_PASSED_OVER = re.compile(r"L(?:[a-z])n?\d+E|S[0-9A-Z]*_|T[0-9]*_")  # a literal, what stood before, a parameter
_OF_AN_ENUM = re.compile(r"n?\d+E")  # the value behind the name of an enumeration's type
_LENGTH = re.compile(r"[1-9]\d*")


def kernel_name(symbol: str) -> str:
    """Return ``relu_stream<relu_config3>`` of a symbol; empty if it is none.

    Args:
        symbol: ``compiler_name`` of a kernel.
    """
    if symbol.startswith(_OF_A_TYPE):
        names = _names(symbol, len(_OF_A_TYPE))
        return names[-1][1] if names else ""
    start = _NESTED.match(symbol)
    names = _names(symbol, start.end()) if start else []
    if not names:
        return ""
    function, place = "", start.end()
    for at, name in names:
        if at != place:
            break
        function, place = name, at + len(f"{len(name)}{name}")
    settings = [name for _, name in names if "config" in name]
    return f"{function}<{settings[-1]}>" if settings else function


def _names(symbol: str, place: int) -> list[tuple[int, str]]:
    """The names in a symbol from a place on, each with where its length stands."""
    found, is_literal = [], False
    while place < len(symbol):
        passed = _PASSED_OVER.match(symbol, place)
        length = _LENGTH.match(symbol, place)
        if passed:
            place = passed.end()
        elif length:
            name = symbol[length.end() : length.end() + int(length[0])] if len(length[0]) < 5 else ""
            found.append((place, name))
            place = length.end() + len(name)
            value = _OF_AN_ENUM.match(symbol, place) if is_literal else None
            place = value.end() if value else place
        else:
            is_literal = symbol[place] == "L"
            place += 1
            continue
        is_literal = False
    return found
