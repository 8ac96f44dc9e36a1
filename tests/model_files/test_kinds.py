"""Every kind of file is told by its content: the name says nothing."""

import io
import json
import struct
import tarfile
import zipfile

import pytest

from codesign.errors import DataError
from codesign.model_files import identify
from codesign.model_files.formats import FORMATS
from codesign.read import read_file

TOP = b'#include "nnet_utils/nnet_dense.h"\nvoid myproject(input_t x[4]) { nnet::dense<a, b, c>(x, y, w, b); }\n'


def zipped(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"{}")
    return buffer.getvalue()


def tarred(*names, mode="w:gz"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 3
            archive.addfile(member, io.BytesIO(b"abc"))
    return buffer.getvalue()


FIRMWARE = ("p/firmware/parameters.h", "p/firmware/defines.h", "p/firmware/myproject.cpp")
KINDS = {
    "torch_export": [zipped("m/models/model.json", "m/archive_format", "m/data/sample_inputs/model.pt"),
                     zipped("serialized_exported_program.json", "version", "serialized_state_dict.pt")],
    "torch_compiled": [zipped("m/archive_format", "m/data/aotinductor/model/a.so")],
    "torch": [zipped("m/data.pkl", "m/data/0", "m/version")],
    "torchscript": [zipped("m/data.pkl", "m/code/a.py", "m/constants.pkl")],
    "skops": [zipped("schema.json", "1.npy")],
    "npz": [zipped("x.npy")],
    "zip": [zipped("a.txt")],
    "hls4ml": [zipped(*FIRMWARE), tarred(*FIRMWARE), tarred(*FIRMWARE, mode="w:xz"),
               tarred("p/hls4ml_config.yml", mode="w")],
    "tar": [tarred("a.txt"), tarred("a.txt", mode="w"), tarred("a.txt", mode="w:bz2")],
    "tflite": [b"\x1c\x00\x00\x00TFL3" + bytes(64)],
    "executorch": [b"\x1c\x00\x00\x00ET12" + bytes(64)],
    "catboost": [b"CBM1" + bytes(64), b'{"oblivious_trees": []}'],
    "xgboost": [b'{"learner": {}}'],
    "xgboost_binary": [b"binf" + bytes(64)],
    "tensorrt": [b"ftrt" + bytes(64)],
    "safetensors": [struct.pack("<Q", 9) + b'{"a": {}}' + bytes(9)],
    "lightgbm_json": [b'{"name": "tree", "tree_info": [], "max_feature_idx": 3}'],
    "conifer": [b'{"n_trees": 1, "trees": [], "n_features": 3}'],
    "tensorflow_js": [b'{"modelTopology": {}, "format": "layers-model"}'],
    "keras_config": [b'{"class_name": "Sequential", "config": {}}'],
    "tmva": [b'<?xml version="1.0"?>\n<MethodSetup Method="BDT::BDTG">'],
    "pmml": [b'<?xml version="1.0"?>\n<PMML version="4.4">'],
    "openvino": [b'<?xml version="1.0"?>\n<net name="a" version="11">'],
    "text": [b"<html></html>", b"pt,eta\n1,2\n"],
    "json": [b'{"a": 1}'],
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_is_told_by_the_content(kind, tmp_path):
    for number, content in enumerate(KINDS[kind]):
        path = tmp_path / f"{number}.dat"
        path.write_bytes(content)
        assert identify(path).kind == kind
        assert FORMATS[kind][0] and FORMATS[kind][1]


@pytest.mark.parametrize(
    "files",
    [
        {"hls4ml_config.yml": b"Backend: Vivado\n"},
        {"firmware/defines.h": b"", "firmware/myproject.cpp": TOP},
        {"defines.h": b"", "parameters.h": b"", "NN.cpp": b"", "weights/w2.h": b""},
        {"parameters.h": b"", "tau.cc": b""},
        {"TauNN.cpp": TOP},
        {"NN/v2/parameters.h": b"", "NN/v2/net.cpp": TOP, "README.md": b""},
    ],
)
def test_folders_of_firmware(files, tmp_path):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert identify(tmp_path).kind == "hls4ml"
    source = next((tmp_path / name for name in files if files[name] == TOP), None)
    if source is not None:
        assert (identify(source).kind, identify(source).path) == ("hls4ml", source.parent)


def test_other_folders(tmp_path):
    for name in ("config.json", "model.weights.h5"):
        (tmp_path / "keras").mkdir(exist_ok=True)
        (tmp_path / "keras" / name).write_text(json.dumps({}))
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.cpp").write_text("int main() { return 0; }")
    (tmp_path / "code" / "loop").symlink_to(tmp_path / "code")
    assert identify(tmp_path / "keras").kind == "keras_folder"
    assert identify(tmp_path / "code").kind == identify(tmp_path).kind == "folder"


def test_what_is_no_model_says_what_it_is(tmp_path):
    (tmp_path / "w.dat").write_bytes(KINDS["safetensors"][0])
    with pytest.raises(DataError, match=r"^teacher: expected a saved model.*w.dat.*safetensors.*torch.export.save"):
        read_file(tmp_path / "w.dat", what="teacher")
