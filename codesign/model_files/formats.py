"""What each kind of file is called, and the way out of it where it is not what is expected."""

_SAVE_H5 = "in the program that wrote it, save the whole model as .h5: model.save('model.h5')"
_READ = "codesign.load_network and every command read it as a Network"
_TO_ONNX = "write it as ONNX: torch.onnx.export(model, example, 'model.onnx')"
_EXPORT = "torch.export.save(torch.export.export(model.eval(), (example,)), 'model.pt2'), or as ONNX: torch.onnx.export"
_WRITTEN_FROM = "give the model that it was made from, or its ONNX file"
_EVENTS = "events are read by load_dataset, and named by `data` in project.yml"

# kind: what it is, what to do
FORMATS = {
    "keras2_h5": ("a Keras 2 model in HDF5", ""),
    "keras2_zip": ("a Keras 2 model", ""),
    "drone": ("a drone", ""),
    "keras3_h5": ("a file written by Keras 3", _READ),
    "keras3_zip": ("a file written by Keras 3", _READ),
    "keras_folder": ("a folder written by Keras 3", _READ),
    "hgq": ("a model of HGQ or HGQ2", _READ),
    "keras_weights": (
        "weights without the layers of a Keras model",
        f"{_SAVE_H5}, not save_weights; or put model.to_json() beside it",
    ),
    "keras_config": ("the layers of a Keras model without weights", f"{_SAVE_H5}; or put its weights beside it, .h5"),
    "hdf5": ("an HDF5 file without a Keras model", _SAVE_H5),
    "savedmodel": ("a SavedModel, a graph that can read and write files and is not opened", _SAVE_H5),
    "tensorflow_js": ("a model of TensorFlow.js", _SAVE_H5),
    "torch_export": ("a program of torch.export", _READ),
    "torch_compiled": ("a compiled program of PyTorch (AOTInductor)", f"save it uncompiled: {_EXPORT}"),
    "torchscript": ("TorchScript of PyTorch, which is a program", f"build the module, and save it: {_EXPORT}"),
    "torch": ("a file of PyTorch", f"build the module, load_state_dict(), and save it: {_EXPORT}"),
    "executorch": ("a program of ExecuTorch", f"give the module's: {_EXPORT}"),
    "safetensors": ("weights without their module (safetensors)", f"build the module, load them, save it: {_EXPORT}"),
    "onnx": ("an ONNX model", _READ),
    "tflite": ("a TFLite model", _READ),
    "openvino": ("a model of OpenVINO", _WRITTEN_FROM),
    "tensorrt": ("an engine of TensorRT", _WRITTEN_FROM),
    "pickle": (
        "a pickle, which can run any program when it is opened",
        "`codesign drone` takes it as a teacher, with trust_pickle if you trust who wrote it; a model of scikit-learn "
        "is saved by skops.io.dump(model, 'model.skops'), a Keras model as .h5",
    ),
    "skops": ("a model of scikit-learn in a skops file", _READ),
    "xgboost": ("a model of XGBoost", "`codesign forest`, from_xgboost and load_network read it"),
    "xgboost_binary": ("a model of XGBoost in its old binary form", "booster.save_model('model.json') writes JSON"),
    "lightgbm": ("a model of LightGBM", "`codesign forest`, from_lightgbm and load_network read it"),
    "lightgbm_json": ("a dump of LightGBM", "booster.save_model('model.txt') writes what is read"),
    "catboost": ("a model of CatBoost", "model.save_model('model.onnx', format='onnx') writes what is read"),
    "conifer": ("a model of conifer", "give the model of XGBoost, LightGBM or scikit-learn that it was made from"),
    "tmva": ("weights of TMVA", "train it with XGBoost or scikit-learn; or give its outputs to `codesign drone`"),
    "pmml": ("a model in PMML", _WRITTEN_FROM),
    "network": ("a Network's JSON", _READ),
    "lwtnn": ("lwtnn's JSON", _READ),
    "json": ("JSON of another kind", "expected were a Network's or lwtnn's"),
    "hls4ml": ("an hls4ml project", _READ),
    "folder": ("a folder", "give a file, or the folder of an hls4ml project"),
    "npz": ("an .npz of arrays, not a model", _EVENTS),
    "npy": ("an .npy array, not a model", _EVENTS),
    "zip": ("a zip archive without a model", f"unpack it; or {_SAVE_H5}"),
    "tar": ("a tar archive without an hls4ml project", "unpack it, and give the file of the model"),
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
