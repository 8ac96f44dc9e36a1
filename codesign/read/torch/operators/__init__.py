"""How each of ATen's operators is read: a table from its name to a function of a TorchCall."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from codesign.read.torch.operators.arithmetic import ARITHMETIC
from codesign.read.torch.operators.functions import FUNCTIONS
from codesign.read.torch.operators.linear import LINEAR
from codesign.read.torch.operators.makers import MAKERS
from codesign.read.torch.operators.moves import MOVES
from codesign.read.torch.operators.norms import NORMS
from codesign.read.torch.operators.parts import PARTS
from codesign.read.torch.operators.recurrent import RECURRENT
from codesign.read.torch.operators.reductions import REDUCTIONS
from codesign.read.torch.operators.windows import WINDOWS

OPERATORS: Mapping[str, Callable] = MappingProxyType(
    {
        **ARITHMETIC,
        **FUNCTIONS,
        **LINEAR,
        **MAKERS,
        **MOVES,
        **NORMS,
        **PARTS,
        **RECURRENT,
        **REDUCTIONS,
        **WINDOWS,
    }
)
