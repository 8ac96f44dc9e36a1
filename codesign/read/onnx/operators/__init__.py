"""How each operator of ONNX is read: a table from domain and operator to function."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from codesign.read.onnx.operators.arithmetic import ARITHMETIC
from codesign.read.onnx.operators.functions import FUNCTIONS
from codesign.read.onnx.operators.linear import LINEAR
from codesign.read.onnx.operators.moves import MOVES
from codesign.read.onnx.operators.reductions import REDUCTIONS

# domain: the newest version of its operators that is known, and what reads each
OPERATORS: Mapping[str, tuple[int, Mapping[str, Callable]]] = MappingProxyType(
    {"": (25, MappingProxyType({**ARITHMETIC, **LINEAR, **FUNCTIONS, **REDUCTIONS, **MOVES}))}
)
