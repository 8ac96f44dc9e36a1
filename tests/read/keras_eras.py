"""Files in the layouts of old Keras, written by hand: configurations and arrays as each era has them."""

import json

import h5py
import numpy as np


class OldFile:
    """An .h5 file of Keras 1 or 2: ``layer_names``, ``weight_names``, arrays below the layers.

    Args:
        version: of Keras, as the file says.
        chunked: whether the attributes that list names are in pieces, as long ones are.
        packed: whether arrays are compressed.
        optimizer: whether the optimizer's arrays are there too.
    """

    def __init__(self, version="2.2.4", *, chunked=False, packed=False, optimizer=False, newest=False):
        self.version, self.chunked, self.packed, self.optimizer = version, chunked, packed, optimizer
        self.newest = newest

    def write(self, path, config, weights):
        """Write a file.

        Args:
            config: ``{"class_name": ..., "config": ...}``.
            weights: of each layer the names and arrays, in order.
        """
        with h5py.File(path, "w", libver="latest" if self.newest else None) as file:
            file.attrs["model_config"] = json.dumps(config).encode()
            if self.version is not None:
                file.attrs["keras_version"] = self.version.encode()
            file.attrs["backend"] = b"tensorflow"
            self.fill(file.create_group("model_weights"), weights)
            if self.optimizer:
                group = file.create_group("optimizer_weights")
                group.attrs["weight_names"] = [b"Adam/iterations:0"]
                group.create_dataset("Adam/iterations:0", data=np.int64(7))
        return path

    def fill(self, group, weights):
        self._list(group, "layer_names", list(weights))
        for layer, arrays in weights.items():
            one = group.create_group(layer)
            self._list(one, "weight_names", list(arrays))
            for name, array in arrays.items():
                options = {"compression": "gzip", "shuffle": True} if self.packed and np.ndim(array) else {}
                one.create_dataset(name, data=np.asarray(array, np.float32), **options)

    def _list(self, group, name, texts):
        texts = [text.encode() for text in texts]
        if not self.chunked or len(texts) < 2:
            group.attrs[name] = np.array(texts, "S") if texts else np.zeros(0, "S1")
            return
        group.attrs[f"{name}0"], group.attrs[f"{name}1"] = (np.array(part, "S") for part in (texts[:1], texts[1:]))


def dense(name, units, activation="relu", **options):
    """A Dense of Keras 2 as a configuration has it."""
    return {
        "class_name": "Dense",
        "config": {
            "name": name,
            "trainable": True,
            "units": units,
            "activation": activation,
            "use_bias": True,
            **options,
        },
    }


def dense_arrays(rng, name, n_in, units, pattern="{name}/{weight}:0"):
    """Kernel and bias of a dense layer, named as an era names them."""
    named = {"kernel": rng.normal(size=(n_in, units)), "bias": rng.normal(size=units)}
    return {pattern.format(name=name, weight=weight): array for weight, array in named.items()}
