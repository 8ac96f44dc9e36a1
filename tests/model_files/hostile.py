"""Model files that run a program, or open another file, when the loader that is made for them opens them."""

import json
import os
import pickle
import zipfile
from pathlib import Path

import h5py
import joblib
import numpy as np

from codesign._keras import keras
from codesign.train import save_model


def small_model():
    inputs = keras.Input((3,), name="events")
    return keras.Model(inputs, keras.layers.Dense(2, activation="relu", name="dense")(inputs))


def with_config(path, change):
    """Rewrite the configuration of a saved small model by `change`, a function on the dictionary."""
    save_model(small_model(), path)
    if path.suffix == ".h5":
        with h5py.File(path, "r+") as file:
            config = json.loads(file.attrs["model_config"])
            change(config)
            file.attrs["model_config"] = json.dumps(config)
        return path
    return changed_archive(path, change)


def changed_archive(path, change):
    """Rewrite the configuration in a .keras file by `change`."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(entries["config.json"])
    change(config)
    entries["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def _touching_lambda(marker):
    return eval(f"lambda x: [open({str(marker)!r}, 'w').close(), x][1]")


def python_lambda(folder, marker, name):
    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Lambda(_touching_lambda(marker), name="hidden")(inputs))
    if name == "savedmodel":
        model.save(folder / name)
    else:
        save_model(model, folder / name)
    marker.unlink()
    return folder / name


def _called_on(function_layer, constant, kwargs=None):
    """A change of the configuration: a layer that is called on a constant while the model is read."""

    def change(config):
        config["config"]["layers"].append(
            {**function_layer, "name": "called", "inbound_nodes": [["_CONSTANT_VALUE", -1, constant, kwargs or {}]]}
        )

    return change


def function_object(folder, marker, name):
    """A Lambda layer whose function is os.system, by its name."""
    function = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
    config = {
        "name": "called",
        "trainable": True,
        "dtype": "string",
        "function": function,
        "arguments": {},
        "output_shape": None,
    }
    config |= {"function_type": "function", "output_shape_type": "raw", "module": None, "output_shape_module": None}
    layer = {"module": "keras.layers", "class_name": "Lambda", "registered_name": None, "config": config}
    return with_config(folder / name, _called_on(layer, f"touch {marker}"))


def tensorflow_operation(folder, marker, name):
    """An operator layer that is tf.io.write_file."""
    config = {"name": "called", "trainable": True, "dtype": "float32", "function": "io.write_file"}
    layer = {
        "module": "keras.src.layers.core.tf_op_layer",
        "class_name": "TFOpLambda",
        "registered_name": "TFOpLambda",
        "config": config,
    }
    return with_config(folder / name, _called_on(layer, str(marker), {"contents": "written"}))


def module_import(folder, marker, name):
    """An initializer in a module that lies on the path."""
    (folder / "brought_along.py").write_text(f"open({str(marker)!r}, 'w').close()\n")

    def change(config):
        config.update(module="brought_along", class_name="Thing", registered_name="Thing")

    return with_config(folder / name, change)


class Reduced:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


def pickled(folder, marker, name):
    path, protocol = folder / name, 0 if "text" in name else 4
    if name.endswith(".joblib"):
        joblib.dump(Reduced(marker), path, compress="gzip" in name and ("gzip", 3))
    elif name.endswith(".pt"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(Reduced(marker), protocol=2))
            archive.writestr("archive/version", "3\n")
            archive.writestr("archive/byteorder", "little")
            if "script" in name:
                archive.writestr("archive/code/__torch__.py", "")
    else:
        path.write_bytes(pickle.dumps(Reduced(marker), protocol=protocol))
    return path


def other_file(folder, name):
    """Return a model whose kernel lies in another file, by a link or as raw bytes, and that file's numbers."""
    path, secret = folder / f"{name}.h5", np.arange(6, dtype="<f4").reshape(3, 2) + 40
    save_model(small_model(), path)
    secret.tofile(folder / "secret.bin")
    with h5py.File(folder / "secret.h5", "w") as file:
        file["kernel"] = secret
    with h5py.File(path, "r+") as file:
        group = file["model_weights/dense/dense"]
        del group["kernel:0"]
        if name == "link":
            group["kernel:0"] = h5py.ExternalLink(str(folder / "secret.h5"), "kernel")
        elif name == "virtual":
            layout = h5py.VirtualLayout((3, 2), "<f4")
            layout[:] = h5py.VirtualSource(str(folder / "secret.h5"), "kernel", shape=(3, 2))
            group.create_virtual_dataset("kernel:0", layout)
        else:
            group.create_dataset("kernel:0", (3, 2), "<f4", external=[(str(folder / "secret.bin"), 0, 24)])
    return path, secret


RUN_BY_KERAS = {
    "lambda.h5": python_lambda,
    "savedmodel": python_lambda,
    "function.keras": function_object,
    "operation.h5": tensorflow_operation,
    "operation.keras": tensorflow_operation,
    "module.keras": module_import,
}
RUN_BY_PICKLE = {
    "a.pkl": pickled,
    "text.pkl": pickled,
    "a.joblib": pickled,
    "gzip.joblib": pickled,
    "module.pt": pickled,
}


def all_that_run(folder: Path) -> dict[str, tuple[Path, Path]]:
    """Write each hostile file in a folder of its own; return its path and that of what appears when it is run."""
    made = {}
    for name, make in {**RUN_BY_KERAS, **RUN_BY_PICKLE}.items():
        place = folder / name.replace(".", "_")
        place.mkdir()
        marker = place / "ran"
        made[name] = make(place, marker, name), marker
        assert not marker.exists()
    return made
