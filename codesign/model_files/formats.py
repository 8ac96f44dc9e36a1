"""What each kind of file is called, and the way out of it where a Keras 2 model is expected."""

_SAVE_H5 = "in the program that wrote it, save the whole model as .h5: model.save('model.h5')"
_SAME_LAYERS = "build the same layers with codesign.keras and give them the weights"
_AS_TEACHER = "`codesign drone` takes it as a teacher"

# kind: what it is, what to do
FORMATS = {
    "keras2_h5": ("a Keras 2 model in HDF5", ""),
    "keras2_zip": ("a Keras 2 model", ""),
    "drone": ("a drone", ""),
    "keras3_h5": (
        "a file written by Keras 3",
        f"there is no reader of Keras 3 yet: {_SAME_LAYERS}: model.get_weights() there, model.set_weights() here",
    ),
    "keras3_zip": (
        "a file written by Keras 3",
        f"there is no reader of Keras 3 yet: {_SAME_LAYERS}: model.get_weights() there, model.set_weights() here",
    ),
    "hgq": (
        "a model of HGQ or HGQ2",
        "hls4ml converts it in an environment of its own, without QKeras; `codesign compare` puts the reports side "
        "by side",
    ),
    "keras_weights": ("weights without the layers of a Keras model", f"{_SAVE_H5}, not save_weights"),
    "keras_config": ("the layers of a Keras model without weights", _SAVE_H5),
    "hdf5": ("an HDF5 file without a Keras model", _SAVE_H5),
    "savedmodel": ("a SavedModel, a graph that can read and write files and is not opened", _SAVE_H5),
    "torchscript": (
        "TorchScript of PyTorch",
        f"torch.onnx.export writes an .onnx, which `codesign drone` takes as a teacher; or {_SAME_LAYERS}",
    ),
    "torch": (
        "a file of PyTorch",
        f"torch.onnx.export writes an .onnx, which `codesign drone` takes as a teacher; or {_SAME_LAYERS}",
    ),
    "onnx": ("an ONNX model", f"{_AS_TEACHER}; or {_SAME_LAYERS}"),
    "tflite": ("a TFLite model", "give the Keras model that it was converted from"),
    "pickle": (
        "a pickle, which can run any program when it is opened",
        f"{_AS_TEACHER}, with trust_pickle if you trust who wrote it; a Keras model is saved as .h5",
    ),
    "skops": ("a model of scikit-learn in a skops file", _AS_TEACHER),
    "xgboost": ("a model of XGBoost", _AS_TEACHER),
    "lightgbm": ("a model of LightGBM", _AS_TEACHER),
    "network": ("a Network's JSON", "codesign.Network.load reads it"),
    "lwtnn": ("lwtnn's JSON", "`codesign export`, `codesign time` and model.path of project.yml read it"),
    "json": ("JSON of another kind", "expected were a Network's or lwtnn's"),
    "hls4ml": ("the folder of an hls4ml project", "give the Keras model that it was made from"),
    "folder": ("a folder", "give a file"),
    "npz": ("an .npz of arrays, not a model", "events are read by load_dataset, and named by `data` in project.yml"),
    "npy": ("an .npy array, not a model", "events are read by load_dataset, and named by `data` in project.yml"),
    "zip": ("a zip archive without a model", _SAVE_H5),
    "text": ("text, such as a CSV, not a model", "events are saved as .npz or .npy, a model as .h5"),
    "empty": ("an empty file", "copy or save it again"),
    "special": ("neither a file nor a folder", "give a file"),
    "unknown": ("of no known format, or damaged at its beginning", f"copy it again; or {_SAVE_H5}"),
}

# What codesign.train.load_model opens, as identify() tells it.
KERAS = frozenset({"hdf5", "keras2_zip", "drone"})
# Opening these can run a program that the file brings.
RUNS_CODE = frozenset({"pickle", "torch", "torchscript"})
HGQ_MODULES = frozenset({"hgq", "HGQ"})
