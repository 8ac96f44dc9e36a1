"""Files of PyTorch, looked at without unpickling: whether there is a module in them, or only weights."""

import pickletools  # nosec B403  # it lists what a pickle would do, and does not do it
from os import PathLike

from codesign._untrusted import entries_of, read_entry

_LARGEST_PICKLE = 64 * 2**20
_OF_WEIGHTS = (
    "torch._utils ",
    "torch.storage ",
    "collections OrderedDict",
    "torch.serialization ",
    "torch Size",
    "torch dtype",
    "torch.nn.parameter ",
)


def holds_only_weights(path: str | PathLike) -> bool:
    """Whether the pickle in a zip archive of torch.save names nothing but tensors: a state_dict.

    Raises:
        DataError: for a damaged archive.
    """
    entry = next(name for name in entries_of(path) if name.endswith("data.pkl"))
    try:
        operations = pickletools.genops(read_entry(path, entry, _LARGEST_PICKLE))
        names = {
            argument for operation, argument, _ in operations if operation.name in ("GLOBAL", "STACK_GLOBAL", "INST")
        }
    except ValueError:
        return False
    storages = {name for name in names if name and name.startswith("torch ") and name.endswith("Storage")}
    return bool(names) and None not in names and all(name.startswith(_OF_WEIGHTS) for name in names - storages)
