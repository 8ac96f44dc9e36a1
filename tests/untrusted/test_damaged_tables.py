"""Tables of events in damaged files: an error of one line, or a Dataset that makes sense. Never anything else."""

import h5py
import numpy as np
import pytest

from codesign.data import load_dataset
from codesign.errors import CodesignError
from tests.data.tables import WRITERS, random_table, written
from tests.mutations import mutated, within_limits

COLUMNS = {"label": "flavour", "weight": "w", "test": "is_test"}
BY_A_PROCESS = [form for form in WRITERS if form not in ("csv", "tsv", "npz")]


def meet(content, path, seeds):
    """Read damaged copies of a file; return the share that still was a table."""
    accepted = 0
    for seed in seeds:
        path.write_bytes(mutated(content, np.random.default_rng(seed)))
        try:
            with within_limits():
                data = load_dataset(path, **COLUMNS)
            accepted += 1
            assert np.isfinite(data.x_train).all() and (data.weights_train >= 0).all()
            assert all(name.isprintable() for name in (*data.features, *data.classes))
        except CodesignError as error:
            assert str(error).isprintable() and len(str(error)) < 2000, seed
    return accepted / len(seeds)


@pytest.mark.parametrize("number", [200, pytest.param(1000, marks=pytest.mark.slow)])
def test_damaged_files_of_text(number, tmp_path):
    path = written(random_table(0, 20), tmp_path)
    assert 0 < meet(path.read_bytes(), path, range(number)) < 0.7


@pytest.mark.parametrize("form", BY_A_PROCESS)
def test_damaged_files_that_a_process_opens(form, tmp_path):
    path = written(random_table(0, 20), tmp_path, form)
    meet(path.read_bytes(), path, range(2))


@pytest.mark.slow
@pytest.mark.parametrize("form", BY_A_PROCESS)
def test_a_hundred_damaged_files_that_a_process_opens(form, tmp_path):
    path = written(random_table(0, 20), tmp_path, form)
    meet(path.read_bytes(), path, range(2, 102))


def test_links_and_arrays_of_other_files_are_refused(tmp_path):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["x"] = np.arange(10.0)
    with h5py.File(tmp_path / "events.h5", "w") as file:
        file["y"] = np.arange(10) % 2
        file["x"] = h5py.ExternalLink("secret.h5", "x")
    with pytest.raises(CodesignError, match="'x' in it is a link to another place or file"):
        load_dataset(tmp_path / "events.h5")
    with h5py.File(tmp_path / "events.h5", "w") as file:
        file["y"] = np.arange(10) % 2
        file.create_dataset("x", (10,), "f8", external=[(str(tmp_path / "secret.h5"), 0, 80)])
    with pytest.raises(CodesignError, match="lies in another file"):
        load_dataset(tmp_path / "events.h5")


def test_an_array_that_unpacks_to_much_more_than_its_file_is_refused(tmp_path):
    with h5py.File(tmp_path / "bomb.h5", "w") as file:  # 8 GiB of zeros, of which no chunk is written
        file.create_dataset("x", (2**30,), "f8", chunks=(2**16,), compression="gzip")
        file.create_dataset("y", (2**30,), "i1", chunks=(2**16,), compression="gzip")
    with pytest.raises(CodesignError, match="memory|more values") as error:
        load_dataset(tmp_path / "bomb.h5")
    assert "\n" not in str(error.value)


def test_pickled_names_are_not_run(tmp_path):
    with h5py.File(tmp_path / "frame.h5", "w") as file:
        group = file.create_group("events")
        group.attrs["pandas_type"] = np.bytes_("frame_table")
        group["table"] = np.zeros(10, [("index", "i8"), ("values_block_0", "f8", (2,))])
        group["table"].attrs["values_block_0_kind"] = np.bytes_(f"cos\nmkdir\n(V{tmp_path}/ran\ntR.".encode())
    with pytest.raises(CodesignError, match="more than a list of texts"):
        load_dataset(tmp_path / "frame.h5", label="y")
    assert not (tmp_path / "ran").exists()
