"""HDF5 in Python against h5py: every layout that it writes, and damage."""

import io

import h5py
import numpy as np
import pytest

from codesign._untrusted.hdf5 import Dataset, UnknownLayoutError, open_hdf5
from codesign.errors import UnreadableError
from tests.mutations import mutated, within_limits

LAYOUTS = (None, "latest", ("earliest", "v108"), ("v110", "v110"), ("v112", "v112"), ("v114", "v114"))


def written(libver, n_groups=6, *, packed=False):
    """A file of groups, attributes and arrays of every type that a model's file has."""
    rng, buffer = np.random.default_rng(0), io.BytesIO()
    with h5py.File(buffer, "w", libver=libver) as file:
        file.attrs["model_config"] = b"{" + b"x" * 100_000
        file.attrs["text"], file.attrs["number"], file.attrs["list"] = "é", 3, [1.5, 2]
        file.attrs["names"] = np.array([b"dense", b"dense_1"])
        for index in range(n_groups):
            group = file.create_group(f"layer{index}")
            group.attrs["weight_names"] = np.array(["kernel", "bias:0"], dtype=object)
            group.create_group("inner").create_dataset("kernel:0", data=rng.normal(size=(5, index + 1)).astype("f4"))
            for kind in ("<f8", ">f4", "f2", "?"):
                group.create_dataset(f"of {kind}", data=np.arange(4).astype(kind))
            group.create_dataset("scalar", data=np.int64(index))
            group.create_dataset("empty", shape=(0, 3), dtype="f4")
        if packed:
            options = {"compression": "gzip", "shuffle": True, "fletcher32": True}
            file.create_dataset("packed", data=rng.normal(size=(70, 37)), chunks=(16, 16), **options)
            file.create_dataset("many", data=np.arange(2000), chunks=(7,), compression="gzip")
    return buffer.getvalue()


def assert_same(group, expected):
    assert set(group) == set(expected) and set(group.attributes) == set(expected.attrs)
    for name, value in expected.attrs.items():
        texts = [one.decode() if isinstance(one, bytes) else one for one in np.ravel(np.asarray(value, object))]
        assert np.ravel(np.asarray(group.attributes[name], object)).tolist() == texts
    for name, one in expected.items():
        if isinstance(one, h5py.Dataset):
            assert isinstance(group[name], Dataset)
            np.testing.assert_array_equal(group[name].values(), one[()])
        else:
            assert_same(group[name], one)


@pytest.mark.parametrize("libver", LAYOUTS)
def test_every_layout_is_read_as_h5py_reads_it(libver):
    content = written(libver, 40 if libver in LAYOUTS[::2][:2] else 6, packed=libver in (None, LAYOUTS[2]))
    with h5py.File(io.BytesIO(content)) as expected:
        assert_same(open_hdf5(content), expected)


def test_what_is_stored_in_a_newer_way_is_told_apart_from_damage():
    content = written("latest", packed=True)
    with pytest.raises(UnknownLayoutError):
        open_hdf5(content)["packed"].values()


def _everything(group):
    _ = group.attributes
    for name in group:
        _everything(group[name]) if not isinstance(group[name], Dataset) else group[name].values()


@pytest.mark.parametrize("libver", [None, "latest"])
def test_damage_is_unreadable(libver):
    content = written(libver, packed=True)
    n_read = 0
    for seed in range(150):
        with within_limits(seconds=2.0, grown_bytes=2**29):
            try:
                _everything(open_hdf5(mutated(content, np.random.default_rng(seed))))
                n_read += 1
            except (UnreadableError, UnknownLayoutError):
                pass
    assert n_read < 150
