"""Live modules and programs of PyTorch: exported and saved by PyTorch itself, and read as a file is."""

import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from codesign.errors import ConfigError, UnsupportedLayerError
from codesign.network import Network
from codesign.network.error_bounds import SINGLE
from codesign.network.same_function import check_same_function
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading
from codesign.read.torch.reader import read_program

_EVENTS = 3  # of an example where the number of events cannot be left open
# the attribute of a first layer that says how many values it takes
_WIDTHS = ("in_features", "num_features", "normalized_shape")
_BEFORE = ("Flatten", "Identity", "Dropout")  # which take whatever comes


def read_torch_object(model: object, options: ReadOptions) -> Reading:
    """Read a module, in evaluation mode, or an ExportedProgram; the network is compared with it.

    Args:
        model: of PyTorch 2.1 or later.
        options: the shapes of what a module takes, by the names of the arguments of `forward`; of a module whose first
            layer says how many values it takes, they need not be said.

    Raises:
        ConfigError: for a module that leaves its inputs open, or another object of PyTorch.
        UnsupportedLayerError: for a module that torch.export cannot follow, or an operator that has no place in a
            Network.
        AgreementError: if the network's outputs are not the module's.
    """
    torch = sys.modules["torch"]
    if isinstance(model, torch.export.ExportedProgram):
        reading, module = _read_saved(model, options), model.module()
    elif isinstance(model, torch.nn.Module) and not isinstance(model, torch.jit.ScriptModule):
        reading, module = _exported(model, options), model
    else:
        raise ConfigError(
            "model: expected a torch.nn.Module or an ExportedProgram. Received: "
            f"{type(model).__name__}; build the module, and load_state_dict()"
        )
    with _evaluating(module):
        check_same_function(reading.network, _Outputs(module, reading.network), epsilon=_rounding_error(module))
    return reading


def _exported(module: object, options: ReadOptions) -> Reading:
    torch = sys.modules["torch"]
    shapes = _shapes(module, options)
    with _evaluating(module):
        parameter = next(module.parameters(), torch.zeros(()))
        example = tuple(
            torch.zeros(_EVENTS, *shape, dtype=parameter.dtype, device=parameter.device) for shape in shapes
        )
        example = _as_indices(module, example)
        problems = []
        for sizes in (tuple({0: torch.export.Dim("events")} for _ in shapes), None):
            try:
                return _read_saved(torch.export.export(module, example, dynamic_shapes=sizes), ReadOptions())
            except UnsupportedLayerError:
                raise
            except Exception as error:  # torch.export has exceptions of its own for each kind of program
                problems.append((str(error).strip().splitlines() or [type(error).__name__])[0])
    raise UnsupportedLayerError(
        f"model: expected a module that torch.export follows for inputs of {shapes}. Received: "
        f"{type(module).__name__} ({problems[-1][:200]}); as_teacher takes it"
    )


def _as_indices(module: object, example: tuple) -> tuple:
    """Whole numbers where an embedding takes the input."""
    first = next((one for one in module.modules() if not list(one.children())), module)
    return tuple(one.long() for one in example) if type(first).__name__ == "Embedding" else example


def _shapes(module: object, options: ReadOptions) -> list[tuple[int, ...]]:
    """The shape of an event of each argument of `forward`."""
    given = options.input_shapes
    if isinstance(given, Mapping):
        return [tuple(shape) for shape in given.values()]
    if given is not None:
        return [tuple(given)]
    leaves = [one for one in module.modules() if not list(one.children())]
    first = next((one for one in leaves if type(one).__name__ not in _BEFORE), None)
    found = next((getattr(first, name) for name in _WIDTHS if hasattr(first, name)), None)
    if found is None:
        raise ConfigError(
            f"model: expected to know what {type(module).__name__} takes. Received: no shape; say that of an event: "
            "input_shapes=(16,), or of several arguments input_shapes={'x': (16,), 'mask': (4,)}"
        )
    return [tuple(found) if isinstance(found, Sequence) else (int(found),)]


def _read_saved(program: object, options: ReadOptions) -> Reading:
    torch = sys.modules["torch"]
    with tempfile.TemporaryDirectory(prefix="codesign_") as folder:
        path = Path(folder, "model.pt2")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the file's name, and what is not read
            torch.export.save(program, path)
        return read_program(path, options, "model")


@contextmanager
def _evaluating(module: object) -> Iterator[None]:
    """In evaluation mode without gradients; each part of the module is left as it was."""
    torch = sys.modules["torch"]
    before = {one: one.training for one in module.modules()}
    for one in before:
        one.training = False
    try:
        with torch.no_grad():
            yield
    finally:
        for one, training in before.items():
            one.training = training


def _rounding_error(module: object) -> float:
    torch = sys.modules["torch"]
    kinds = [one.dtype for one in module.parameters() if one.dtype.is_floating_point]
    return max([SINGLE, *(torch.finfo(kind).eps for kind in kinds)])


class _Outputs:
    """A module as a function of events side by side, as a network's are.

    Args:
        module: in evaluation mode.
        network: read from it.
    """

    def __init__(self, module: object, network: Network) -> None:
        self._module, self._layout = module, network.input_layout

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events, n_outputs) for (n_events, n_inputs)."""
        torch = sys.modules["torch"]
        parameter = next(self._module.parameters(), torch.zeros(()))
        parts = [
            torch.as_tensor(part, dtype=parameter.dtype, device=parameter.device)
            for part in self._layout.split(np.asarray(x, np.float32)).values()
        ]
        found = self._module(*_as_indices(self._module, tuple(parts)))
        found = list(found.values()) if isinstance(found, Mapping) else found
        found = found if isinstance(found, (tuple, list)) else (found,)
        return np.concatenate([one.detach().cpu().double().numpy().reshape(len(x), -1) for one in found], 1)
