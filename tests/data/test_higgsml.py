import gzip

import numpy as np
import pytest

from codesign.data import load_dataset, load_higgsml
from codesign.data.higgsml import BACKGROUND_EVENTS, FEATURES, SIGNAL_EVENTS, expected_weights
from codesign.errors import DataError

NAMES = ("EventId", *FEATURES, "Weight", "Label", "KaggleSet", "KaggleWeight")


@pytest.fixture
def written(tmp_path):
    def write(name="higgs.csv", *, without="", change=None, only=None, blank=False):
        rng = np.random.default_rng(0)
        rows = []
        for index in range(80):
            row = {"EventId": 100000 + index, **dict(zip(FEATURES, np.round(rng.normal(size=30), 3)))}
            row |= {"Weight": 0.1, "Label": "sb"[index % 2], "KaggleSet": "tbvu"[index // 2 % 4], "KaggleWeight": 1.5}
            rows.append(row | (change or {} if only in (None, index) else {}))
        names = [one for one in NAMES if one != without]
        lines = [",".join(names), *(",".join(str(row[one]) for one in names) for row in rows)]
        text = ("\n\n" if blank else "\n").join(lines) + "\n"
        content = gzip.compress(text.encode()) if name.endswith("gz") else text.encode()
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def _sums(events):
    return [events.weights[events.y == kind].sum() for kind in (1, 0)]


@pytest.mark.parametrize("name", ["higgs.csv", "higgs.csv.gz"])
def test_official_file_is_cut_into_its_sets(written, name):
    found = load_higgsml(written(name))
    assert len(found.data.x_train) == 20 and {key: int(own.sum()) for key, own in found.parts.items()} == {
        "public": 20,
        "private": 20,
    }
    np.testing.assert_allclose(_sums(found.data.train), [SIGNAL_EVENTS, BACKGROUND_EVENTS])
    np.testing.assert_allclose(_sums(found.data.test), [2 * SIGNAL_EVENTS, 2 * BACKGROUND_EVENTS])
    assert found.data.kind == "REAL" and found.data.features == FEATURES


def test_packaged_events_are_scaled_and_real():
    data = load_higgsml().data
    for events in (data.train, data.test):
        np.testing.assert_allclose(_sums(events), [SIGNAL_EVENTS, BACKGROUND_EVENTS])
    assert (data.kind, data.x_test.shape, data.features) == ("REAL", (9156, 30), FEATURES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"without": "PRI_lep_phi"}, "no PRI_lep_phi"),
        ({"without": "KaggleWeight"}, "no KaggleWeight"),
        ({"without": "EventId"}, "no EventId"),
        ({"change": {"KaggleSet": "t"}}, r"KaggleSet b \(public\)"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(written, options, message):
    with pytest.raises(DataError, match=message):
        load_higgsml(written(**options))


@pytest.mark.parametrize("only", [0, 49])
@pytest.mark.parametrize("blank", [False, True])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Label": "x"}, "Label: expected one of s, b in .* Received: 'x'"),
        ({"KaggleSet": "T"}, r"KaggleSet: expected one of t, b, v, u in .* Received: 'T' \(did you mean 't'\?\)"),
        ({"KaggleSet": ""}, "KaggleSet: expected one of t, b, v, u in .* Received: ''"),
        ({"KaggleWeight": -1}, "KaggleWeight: expected 0 or above in .* Received: -1"),
        ({"KaggleWeight": "inf"}, "KaggleWeight: expected finite numbers .* Received: inf"),
        ({"PRI_met": "much"}, "PRI_met: expected numbers in .* Received: 'much'"),
        ({"PRI_met": ""}, r"PRI_met: expected finite numbers \(what does not exist is -999\) .* Received: nan"),
        ({"EventId": "a"}, "EventId: expected numbers in .* Received: 'a'"),
        ({"EventId": 100020}, "EventId: expected each event once in .* Received: 100020 in line .* 1 such events"),
    ],
)
def test_what_is_wrong_in_a_line_is_said_with_its_number(written, change, message, only, blank):
    line = (max(only, 20) if "EventId" in change and "a" not in change.values() else only) + 2
    path = written(change=change, only=only, blank=blank)
    with pytest.raises(DataError, match=f"{message}.* in line {2 * line - 1 if blank else line}$") as error:
        load_higgsml(path)
    assert "\n" not in str(error.value)


def test_text_far_behind_the_first_block_is_said_with_its_line(written, monkeypatch):
    monkeypatch.setattr("codesign.data.readers.csv_text._BLOCK", 16)
    with pytest.raises(DataError, match="PRI_met: expected numbers in .* Received: 'much' in line 51, no number"):
        load_higgsml(written(change={"PRI_met": "much"}, only=49))


def test_several_files_are_no_official_one(written, tmp_path):
    written("a.csv"), written("b.csv")
    with pytest.raises(DataError, match="data: expected one file. Received: 2"):
        load_higgsml(str(tmp_path / "*.csv"))


@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_truncated_gz(written, share):
    path = written("cut.csv.gz")
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match="ends early|empty"):
        load_higgsml(path)


def test_any_csv_may_be_packed_and_what_else_is_packed_is_refused(tmp_path):
    text = b"pt,eta,label\n" + b"1,2,0\n3,4,1\n" * 20
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    assert load_dataset(tmp_path / "a.csv.gz", test=0.25).features == ("pt", "eta")
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"root" + bytes(100)))
    with pytest.raises(DataError, match="unpack it"):
        load_dataset(tmp_path / "b.gz")
    (tmp_path / "c.gz").write_bytes(gzip.compress(text)[:-20] + bytes(20))
    with pytest.raises(DataError, match="damaged|ends early"):
        load_dataset(tmp_path / "c.gz")


@pytest.mark.parametrize(
    ("weights", "kinds"), [([1.0, 2.0], [0, 0]), ([1.0, 2.0], [1, 1]), ([0.0, 2.0], [1, 0]), ([-1.0, 2.0], [1, 0])]
)
def test_expected_weights_need_a_sum_of_each_kind(weights, kinds):
    with pytest.raises(DataError, match="weights: expected"):
        expected_weights(np.array(weights), np.array(kinds))
    scaled = expected_weights(np.array([1.0, 3.0, 2.0]), np.array([1, 1, 0]))
    np.testing.assert_allclose(scaled, [SIGNAL_EVENTS / 4, SIGNAL_EVENTS * 3 / 4, BACKGROUND_EVENTS])
