"""Damaged projects are read or refused in one line; nothing in them is run, nothing beside them is opened."""

import pytest

from tests.damaged_models import meet_damaged
from tests.read.hls4ml_project.test_golden import GOLDEN, unpacked

FOLDER, ARCHIVE = "vitis_1_3_2", "quartus_1_3_4"


def test_damaged_projects_are_read_or_refused(tmp_path):
    assert meet_damaged(unpacked(FOLDER, tmp_path), range(120)) < 119
    assert meet_damaged(GOLDEN / f"{ARCHIVE}.tar.gz", range(60)) < 60


@pytest.mark.slow
def test_fifty_thousand_damaged_projects(tmp_path):
    meet_damaged(unpacked(FOLDER, tmp_path), range(120, 40_000))
    meet_damaged(GOLDEN / f"{ARCHIVE}.tar.gz", range(60, 10_060))
