"""A refusal says in one line what the file is, and the way out; and it takes neither much memory nor time."""

import io
import json
import os
import pickle
import re
import struct
import zipfile

import h5py
import joblib
import numpy as np
import pytest
import qkeras

from codesign import load_model
from codesign.cli.main import main
from codesign.drone import Drone, as_teacher, load_teacher
from codesign.errors import CodesignError, ConfigError, DataError, UnsupportedLayerError
from codesign.export import load_network
from codesign.layers import MaskedDense
from codesign.model_files import check_onnx, check_quantizer_text, identify
from codesign.model_files.keras_config import check_config
from tests.model_files import hostile
from tests.model_files.examples import onnx_model
from tests.mutations import within_limits


def archive(**entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


def swollen(content):
    """The archive with another unpacked size in its directory: 600 MiB."""
    place = content.index(b"PK\x01\x02") + 24
    return content[:place] + struct.pack("<I", 600 * 2**20) + content[place + 4 :]


def keras_archive(version, config='{"module": "keras", "class_name": "Sequential", "config": {"layers": []}}'):
    metadata = json.dumps({"keras_version": version})
    return archive(config_dot_json=config, metadata_dot_json=metadata, model_dot_weights_dot_h5=b"")


def hdf5(*groups, **attributes):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for group in groups:
            file.create_group(group)
        file.attrs.update(attributes)
    return buffer.getvalue()


def dumped(dump, *arguments):
    buffer = io.BytesIO()
    dump(*arguments[:1], buffer, *arguments[1:])
    return buffer.getvalue()


HGQ2_LAYER = '{"module": "hgq.layers.core.dense", "class_name": "QDense"}'
HGQ2 = f'{{"module": "keras", "class_name": "Sequential", "config": {{"layers": [{HGQ2_LAYER}]}}}}'
KERAS_3 = '{"class_name": "Sequential", "config": {"layers": []}}'
FILES = {
    "keras3_zip": (keras_archive("3.5.0"), r"written by Keras 3 \(3.5.0\).*load_network"),
    "hgq": (keras_archive("3.8.0", HGQ2), "HGQ2.*load_network"),
    "keras3_h5": (hdf5("model_weights", keras_version="3.3.3", model_config=KERAS_3), r"written by Keras 3 \(3.3.3\)"),
    "keras_weights": (
        hdf5(layer_names=np.array(["a"], "S1"), keras_version="2.15.0"),
        "weights without the layers.*model.save",
    ),
    "hdf5": (hdf5(), "without a Keras model.*model.save"),
    "keras_config": (b'{"class_name": "Sequential", "config": {}}', "without weights.*model.save"),
    "torch": (archive(m__data_dot_pkl=pickle.dumps({}), m__version="3"), "PyTorch.*torch.export.save"),
    "torchscript": (
        archive(m__data_dot_pkl=b"", m__code__a_dot_py="", m__constants_dot_pkl=b""),
        "TorchScript.*torch.export.save",
    ),
    "onnx": (onnx_model(), "ONNX model.*load_network"),
    "tflite": (b"\x1c\x00\x00\x00TFL3" + bytes(64), "TFLite.*load_network"),
    "pickle": (pickle.dumps([1]), "pickle.*any program.*trust_pickle"),
    "joblib": (dumped(lambda value, file: joblib.dump(value, file, compress=3), {"a": 1}), "pickle.*any program"),
    "text pickle": (pickle.dumps([re.compile("a")], protocol=0), "pickle.*any program"),
    "skops": (archive(schema_dot_json="{}"), "skops.*load_network"),
    "xgboost": (b'{"learner": {}}', "XGBoost.*load_network"),
    "lightgbm": (b"tree\nversion=v4\n", "LightGBM.*load_network"),
    "network": (b'{"format": "codesign network", "version": 1}', "a Network.*load_network"),
    "lwtnn": (b'{"layers": [], "inputs": []}', "lwtnn.*load_network"),
    "npz": (archive(x_dot_npy=b""), "npz of arrays.*load_dataset"),
    "npy": (b"\x93NUMPY\x01\x00", "npy array.*load_dataset"),
    "csv": (b"pt,eta\n1,2\n", "text, such as a CSV"),
    "empty": (b"", "empty file"),
    "noise": (bytes(range(100, 200)) * 9, "no known format"),
    "no group": (hdf5(keras_version="2.15.0", model_config=KERAS_3), "'model_weights' is missing"),
    "torn h5": (hdf5(keras_version="2.15.0")[:500], "damaged or truncated"),
    "torn zip": (keras_archive("2.15.0")[:200], "damaged or truncated zip"),
    "other zip": (archive(a="b"), "zip archive without a model"),
    "no weights": (archive(config_dot_json="{}"), "without metadata.json, model.weights.h5"),
    "torn json": (b'{"layers": [', "JSON that is damaged or truncated"),
    "deep json": (b'{"a": ' + b"[" * 100_000, "JSON that is damaged"),
    "bomb": (
        archive(
            config_dot_json=b" " * 20_000_000,
            metadata_dot_json='{"keras_version": "2.1.0"}',
            model_dot_weights_dot_h5=b"",
        ),
        "more than",
    ),
    "large bomb": (swollen(archive(a=bytes(1000))), "512 MiB when unpacked"),
    "paths": (archive(__etc__passwd="x", config_dot_json="{}"), "lead out of it"),
    "paths up": (archive(**{"a__..__..__b": "x", "config_dot_json": "{}"}), "lead out of it"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for number, (content, _) in enumerate(FILES.values()):
        (folder / f"{number}.h5").write_bytes(content)  # the name says nothing
    return {name: folder / f"{number}.h5" for number, name in enumerate(FILES)}


@pytest.mark.parametrize("name", FILES)
def test_a_refusal_says_what_it_is_and_the_way_out(files, name):
    with pytest.raises(CodesignError, match=FILES[name][1]) as caught, within_limits(seconds=3):
        load_model(files[name])
    message = str(caught.value)
    assert message.isprintable() and len(message) < 600 and str(files[name]) in message and "pip install" not in message


def test_folders_and_other_places(tmp_path):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"\x08\x01\x12\x00")
    (tmp_path / "project" / "firmware").mkdir(parents=True)
    os.mkfifo(tmp_path / "pipe")
    for name, expected in [
        ("saved", "SavedModel.*model.save.'model.h5'"),
        ("saved/saved_model.pb", "SavedModel.*model.save.'model.h5'"),
        ("project", "hls4ml project"),
        (".", "a folder"),
        ("pipe", "neither a file"),
        ("nothing", "does not exist"),
    ]:
        for load in (load_model, load_network, load_teacher):
            with pytest.raises(DataError, match=expected):
                load(tmp_path / name)
        with pytest.raises(DataError, match=expected.split(".*")[0]):
            Drone.load(tmp_path / name)


def test_json_of_others_is_named(tmp_path):
    for name, said in (("xgboost", "a whole model of XGBoost"), ("keras_config", FILES["keras_config"][1])):
        (tmp_path / f"{name}.json").write_bytes(FILES[name][0])
        with pytest.raises(DataError, match=said):
            load_network(tmp_path / f"{name}.json")


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch ran')",
        "quantized_bits(4,0,alpha=__import__('os').system('touch ran'))",
        "quantized_bits(4)(3)",
        "quantized_bits(4)x",
        "set_internal_sigmoid('hard')",  # QKeras calls whatever its module holds
        "tf.io.write_file('ran','x')",
        "deserialize_keras_object('x')",
        "quantized_bits(" + "4," * 1000 + ")",
        "quantized_bits(*[4])",
        "quantized_bits(4\n)",
        "linear(3)",
        "quantized_bits(9999999999)",
        "",
    ],
)
def test_texts_that_are_no_quantizers(text):
    with pytest.raises(ConfigError, match="expected a QKeras quantizer"):
        check_quantizer_text(text, "kernel_quantizer")
    with pytest.raises(ConfigError, match="expected a QKeras quantizer"):
        MaskedDense(3, kernel_quantizer=text)

    layer = {"class_name": "Dense", "config": {"name": "dense", "kernel_quantizer": text}}
    with pytest.raises(UnsupportedLayerError, match="layer 'dense', kernel_quantizer: expected a QKeras quantizer"):
        check_config({"class_name": "Sequential", "config": {"name": "model", "layers": [layer]}})


def test_texts_that_are_quantizers():
    for text in (
        "quantized_bits(6,0,alpha=1)",
        "quantized_relu( 4, integer = 2 )",
        "quantized_bits(4, 0, alpha='auto_po2')",
        "hard_tanh",
        "relu",
        "ternary()",
    ):
        check_quantizer_text(text, "quantizer")
        assert qkeras.get_quantizer(text) is not None


def test_onnx_files_that_open_others_or_need_other_programs(tmp_path):
    path = tmp_path / "model.onnx"
    outside = b"\x6a\x17\x0a\x08location\x12\x0b/etc/passwd" + b"\x70\x01"
    for content, refused in [
        (onnx_model(tensor=outside), "weights lie in other files"),
        (onnx_model(tensor=outside, nested=True), "weights lie in other files"),
        (onnx_model(tensor=b"\x70\x01"), "weights lie in other files"),
        (onnx_model(domain="my.own", operator="Run"), "custom operators .'my.own'"),
        (onnx_model()[:-1], "damaged"),
    ]:
        path.write_bytes(content)
        with pytest.raises(CodesignError, match=refused):
            check_onnx(path)
        for load in (load_teacher, as_teacher, load_network):
            with pytest.raises(CodesignError, match="expected"):
                load(path)
    path.write_bytes(onnx_model())
    assert identify(path).kind == "onnx" and check_onnx(path) is None


def test_a_question_names_the_file(tmp_path, monkeypatch, capsys):
    marker, path = tmp_path / "ran", hostile.pickled(tmp_path, tmp_path / "ran", "teacher.pkl")
    np.save(tmp_path / "x.npy", np.zeros((60, 3)))
    command = ["drone", str(path), "--data", str(tmp_path / "x.npy"), "--out", str(tmp_path / "out")]
    for answer, runs in [("\n", False), ("no\n", False), ("", False), ("y\n", True)]:
        terminal = io.StringIO(answer)
        monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("sys.stdin", terminal)
        monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
        assert main(command) == 1 and marker.exists() == runs
        assert str(path) in capsys.readouterr().err
