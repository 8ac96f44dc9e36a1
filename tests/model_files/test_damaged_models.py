"""Thousands of damaged model files of each format: one line says what is wrong, or the model is the file's."""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import joblib
import numpy as np
import pytest

from codesign import load_model
from codesign._untrusted import read_entry
from codesign.drone import Drone
from codesign.errors import CodesignError
from codesign.model_files import check_onnx, identify
from codesign.model_files.keras_config import check_config, read_config
from codesign.train import save_model
from tests.model_files import hostile
from tests.model_files.copy_many import damaged
from tests.model_files.examples import onnx_model
from tests.mutations import json_bytes, mutated, mutated_tree, within_limits

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("models")
    model = hostile.small_model()
    save_model(model, path / "model.h5")
    save_model(model, path / "model.keras")
    Drone(model).save(path / "drone.keras")
    return path


def one_line(function, *arguments):
    """Return what the function does, or None where it says in one line why not."""
    try:
        with within_limits():
            return function(*arguments)
    except CodesignError as error:
        assert str(error).isprintable() and 0 < len(str(error)) < 2000
        return None


def copies_of(source, first, last):
    """What becomes of each damaged file; a process that ends at one, by a crash or a time limit, has refused it."""
    command, environment = (
        [sys.executable, "-m", "tests.model_files.copy_many"],
        {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
    )
    ended = []
    while first < last:
        words = [*command, str(source), str(first), str(last)]
        printed = subprocess.run(
            words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT, check=False
        ).stdout
        answers = [json.loads(line) for line in printed.splitlines()]
        yield from answers
        first += len(answers)
        if first < last:
            ended.append(first)
            first += 1
    for seed in ended[:1]:  # the user's process goes on
        source.with_name("ends.h5").write_bytes(damaged(source.read_bytes(), seed))
        assert one_line(load_model, source.with_name("ends.h5")) is None


def meet_damaged_hdf5(folder, first, last, loads):
    source = folder / "model.h5"
    with h5py.File(source) as file:
        original = json.loads(file.attrs["model_config"])
    n_accepted = 0
    for answer in copies_of(source, first, last):
        text = answer.get("config")
        config = None if text is None else one_line(lambda: check_config(read_config(text)))
        n_accepted += config is not None
        if config is not None and config != original and loads:
            loads -= 1
            path = folder / "changed.h5"
            path.write_bytes(damaged(source.read_bytes(), answer["seed"]))
            says_what_it_is(one_line(load_model, path))
    return n_accepted


def says_what_it_is(model):
    """Whatever was read computes, in the shape that it says."""
    if model is not None and model.input_shape == (None, 3) and isinstance(model.output_shape, tuple):
        assert model(np.zeros((2, 3), "f4"), training=False).shape == (2, *model.output_shape[1:])


def rewritten(content, change):
    """The archive with its configuration, or another entry, changed; checksums are right."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, entry in change(entries).items():
            archive.writestr(name, entry)
    return buffer.getvalue()


def damaged_archive(content, rng):
    if rng.random() < 0.5:
        return mutated(content, rng)

    def change(entries):
        name = str(rng.choice(["config.json", "config.json", "metadata.json", "drone.json"]))
        if name in entries:
            entries[name] = (
                json_bytes(mutated_tree(json.loads(entries[name]), rng))
                if rng.random() < 0.7
                else mutated(entries[name], rng)
            )
        return entries

    return rewritten(content, change)


def meet_damaged_archives(source, load, seeds, loads):
    """Everything but the weights, which a checksum guards, is looked at in this process; some are loaded."""
    content, path, n_accepted = source.read_bytes(), source.with_name("damaged.keras"), 0
    entries = {name: read_entry(source, name) for name in ("config.json", "model.weights.h5")}
    for seed in seeds:
        path.write_bytes(damaged_archive(content, np.random.default_rng(seed)))
        found = one_line(looked_at, path)
        n_accepted += found is not None
        if found is not None and found != entries and loads:
            loads -= 1
            says_what_it_is(getattr(one_line(load, path), "model", None))
    return n_accepted


def looked_at(path):
    if identify(path).kind not in ("keras2_zip", "drone"):
        return None
    config = read_entry(path, "config.json")
    check_config(read_config(config.decode(errors="replace")))
    return {"config.json": config, "model.weights.h5": read_entry(path, "model.weights.h5")}


def teacher_files():
    rng = np.random.default_rng(0)
    plain, packed, archive = io.BytesIO(), io.BytesIO(), io.BytesIO()
    joblib.dump({"coef": rng.normal(size=4)}, plain)
    joblib.dump({"coef": rng.normal(size=4)}, packed, compress=3)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("model/data.pkl", pickle.dumps({"a": 1}, protocol=2))
    return {
        "joblib": plain.getvalue(),
        "packed": packed.getvalue(),
        "torch": archive.getvalue(),
        "onnx": onnx_model(),
        "lightgbm": b"tree\nversion=v4\nnum_class=1\n" + b"leaf_value=0.1 0.2\n" * 20,
        "xgboost json": b'{"learner": {"attributes": {}, "objective": {"name": "binary:logistic"}}, "version": [3]}',
        "xgboost ubj": b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner{L\x00\x00\x00\x00\x00\x00\x00\x0aattributes{}}",
        "csv": b"pt,eta,phi\n1.0,2.0,3.0\n" * 10,
    }


def meet_damaged_teacher(path, content, seeds):
    for seed in seeds:
        path.write_bytes(mutated(content, np.random.default_rng(seed)))
        found = one_line(identify, path)
        if found is not None and found.kind == "onnx":
            one_line(check_onnx, path)


NUMBERS = [100, pytest.param(1000, marks=pytest.mark.slow)]


@pytest.mark.parametrize("number", NUMBERS)
def test_damaged_hdf5_files(folder, number):
    assert 0 < meet_damaged_hdf5(folder, 0, number, loads=3) < 0.7 * number


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", ["model.keras", "drone.keras"])
def test_damaged_archives(folder, name, number):
    load = Drone.load if name == "drone.keras" else load_model
    assert 0 < meet_damaged_archives(folder / name, load, range(number), loads=3) < 0.7 * number


@pytest.mark.parametrize("name", teacher_files())
def test_damaged_teachers(tmp_path, name):
    meet_damaged_teacher(tmp_path / "teacher", teacher_files()[name], range(100))


@pytest.mark.slow
def test_fifty_thousand_damaged_hdf5_files(folder):
    meet_damaged_hdf5(folder, 1000, 51_000, loads=200)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["model.keras", "drone.keras"])
def test_fifty_thousand_damaged_archives(folder, name):
    load = Drone.load if name == "drone.keras" else load_model
    meet_damaged_archives(folder / name, load, range(1000, 51_000), loads=400)


@pytest.mark.slow
@pytest.mark.parametrize("name", teacher_files())
def test_fifty_thousand_damaged_teachers(tmp_path, name):
    meet_damaged_teacher(tmp_path / "teacher", teacher_files()[name], range(1000, 51_000))
