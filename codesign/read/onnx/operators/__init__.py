"""How each operator of ONNX is read: a table from domain and operator to function."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from codesign.read.onnx.operators.arithmetic import ARITHMETIC
from codesign.read.onnx.operators.channels_last import CHANNELS_LAST
from codesign.read.onnx.operators.functions import FUNCTIONS
from codesign.read.onnx.operators.integers import INTEGERS, MICROSOFT
from codesign.read.onnx.operators.linear import LINEAR
from codesign.read.onnx.operators.logic import LOGIC
from codesign.read.onnx.operators.ml import ML
from codesign.read.onnx.operators.moves import MOVES
from codesign.read.onnx.operators.norms import NORMS
from codesign.read.onnx.operators.places import PLACES
from codesign.read.onnx.operators.quantisers import LINEAR_QUANTISERS, QONNX
from codesign.read.onnx.operators.recurrent import RECURRENT
from codesign.read.onnx.operators.reductions import REDUCTIONS
from codesign.read.onnx.operators.windows import WINDOWS

_TABLES = (ARITHMETIC, LINEAR, FUNCTIONS, REDUCTIONS, NORMS, LOGIC, WINDOWS, RECURRENT, PLACES, MOVES)
_ONNX = {name: read for table in (*_TABLES, LINEAR_QUANTISERS, INTEGERS) for name, read in table.items()}
# domain: the newest version of its operators that is known, and what reads each
OPERATORS: Mapping[str, tuple[int, Mapping[str, Callable]]] = MappingProxyType(
    {
        "": (25, MappingProxyType(_ONNX)),
        "ai.onnx.ml": (5, MappingProxyType(ML)),
        "qonnx.custom_op.channels_last": (25, MappingProxyType(CHANNELS_LAST)),
        "com.microsoft": (1, MappingProxyType(_ONNX | MICROSOFT)),
        **dict.fromkeys(
            ("qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general"), (2, MappingProxyType(QONNX))
        ),
    }
)
