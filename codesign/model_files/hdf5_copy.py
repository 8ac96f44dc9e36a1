"""Read an HDF5 file and write what Keras needs of it to a new one; run as a process of its own.

libhdf5 can crash, loop or fill the memory on a damaged file, and a link in such a file can lead to any other file. So
the file that came
is opened only here, within limits, and the caller opens only the copy. Imports neither codesign nor TensorFlow.
"""

import json
import os
import resource
import sys

LARGEST_BYTES = 512 * 2**20
_MEMORY_BYTES = 3 * 2**29  # 1.5 GiB of addresses
_CPU_SECONDS = 2
_MOST_OBJECTS = 20_000
_DEEPEST = 32
_LONGEST_ATTRIBUTE = 100_000  # values
_LONGEST_TEXT = 16 * 2**20  # characters of one attribute


class RefusedError(Exception):
    """Raised when the file holds what a saved Keras model does not, or more than the limits allow."""


def copy_hdf5(source: str, target: str) -> dict[str, object]:
    """Copy a Keras model, or the weights in a .keras file, to a new HDF5 file.

    Args:
        source: the file that came.
        target: to be written, where `source` holds weights.

    Returns:
        ``config``: text of the model's configuration, or None; ``keras_version``, or None; ``has_weights``: whether
        groups look like
        Keras's; ``n_values``: numbers in all weights.

    Raises:
        RefusedError: for links to other files, unknown types, or too much of anything.
        Exception: whatever h5py raises for damage.
    """
    import h5py

    with h5py.File(source, "r") as read, h5py.File(target, "w") as written:
        copier = _Copier()
        config, version = (_read_text(read, name) for name in ("model_config", "keras_version"))
        groups = [name for name in read if not name.startswith("optimizer")]
        if config is not None:
            groups = ["model_weights"]
            for name in ("keras_version", "backend", "model_config"):
                if name in read.attrs:
                    written.attrs[name] = _read_text(read, name)
        for name in groups:
            copier.copy(read, written, name, depth=1)
        looks_like_keras = "layer_names" in read.attrs or bool({"layers", "_layer_checkpoint_dependencies"} & set(read))
        return {
            "config": config,
            "keras_version": version,
            "has_weights": config is not None or looks_like_keras,
            "n_values": copier.n_values,
        }


def _read_text(group: object, name: str) -> str | None:
    if name not in group.attrs:
        return None
    value = _attribute(group, name)
    value = value.decode() if isinstance(value, bytes) else value
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise RefusedError(f"attribute '{name}' is no text of at most {_LONGEST_TEXT:,} characters")
    return value


class _Copier:
    """Copies groups, datasets and attributes of plain types, each object once."""

    def __init__(self) -> None:
        self.n_values, self._n_bytes, self._n_objects, self._addresses = 0, 0, 0, set()

    def copy(self, read: object, written: object, name: str, depth: int) -> None:
        """Copy the object `name` of one group to another, with all below it."""
        import h5py

        link = read.get(name, getlink=True)
        if link is None:
            raise RefusedError(f"'{name}' is missing")
        if not isinstance(link, h5py.HardLink):
            raise RefusedError(f"'{name}' is a link to another place or file")
        item = read[name]
        self._count(item, name, depth)
        if isinstance(item, h5py.Dataset):
            written.create_dataset(name, data=self._values(item))
            return
        group = written.create_group(name)
        if not isinstance(item, h5py.Group):
            raise RefusedError(f"'{name}' is neither a group nor an array")
        for key in item.attrs:
            group.attrs[key] = _attribute(item, key)
        for key in item:
            self.copy(item, group, key, depth + 1)

    def _count(self, item: object, name: str, depth: int) -> None:
        import h5py

        self._n_objects += 1
        address = h5py.h5o.get_info(item.id).addr
        if address in self._addresses:
            raise RefusedError(f"'{name}' is there twice")
        self._addresses.add(address)
        if self._n_objects > _MOST_OBJECTS or depth > _DEEPEST:
            raise RefusedError(f"more than {_MOST_OBJECTS:,} objects, or {_DEEPEST} levels")

    def _values(self, dataset: object) -> object:
        """Return the numbers of an array that lies in this file."""
        if dataset.dtype.kind not in "fiub":
            raise RefusedError(f"'{dataset.name}' holds {dataset.dtype}, no plain numbers")
        if dataset.external or dataset.is_virtual:
            raise RefusedError(f"'{dataset.name}' lies in another file")
        filters = dataset.id.get_create_plist()
        if any(
            filters.get_filter(index)[0] > 3 for index in range(filters.get_nfilters())
        ):  # deflate, shuffle, fletcher32
            raise RefusedError(f"'{dataset.name}' is packed by a filter that Keras does not use")
        self.n_values += int(dataset.size)
        self._n_bytes += int(dataset.size) * dataset.dtype.itemsize
        if self._n_bytes > LARGEST_BYTES:
            raise RefusedError(f"more than {LARGEST_BYTES // 2**20} MiB of weights")
        return dataset[()]


def _attribute(item: object, name: str) -> object:
    """Return an attribute of numbers or texts."""
    import h5py

    stored = item.attrs.get_id(name)
    kinds = (h5py.h5t.STRING, h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.ENUM)
    if (
        stored.get_type().get_class() not in kinds
        or stored.get_space().get_simple_extent_npoints() > _LONGEST_ATTRIBUTE
    ):
        raise RefusedError(f"attribute '{name}' holds no plain numbers or texts, or too many")
    return item.attrs[name]


def limit_this_process(n_bytes: int) -> None:
    """Bound memory, processor time and written bytes of this process, for a file of `n_bytes`."""
    seconds = _CPU_SECONDS + n_bytes // 2**26
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * LARGEST_BYTES, 2 * LARGEST_BYTES))


def main(source: str, target: str) -> None:
    """Print what :func:`copy_hdf5` returns as JSON, or ``{"refused": reason}``."""
    limit_this_process(os.stat(source).st_size)
    try:
        answer = copy_hdf5(source, target)
    except RefusedError as error:
        answer = {"refused": str(error)}
    except Exception as error:  # h5py raises many types for damage
        lines = str(error).splitlines() or [type(error).__name__]
        answer = {"refused": f"damaged or truncated: {lines[0]}"}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
