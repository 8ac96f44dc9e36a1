"""Charts: places, ticks and texts of axes, what is drawn, and the script in a browser where there is one."""

import json
import math
import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.report.charts import Axis, Band, Chart, Line, Point, Rule, axis_around
from codesign.report.page import write_page
from tests.report.test_sections import HOSTILE, small

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
NUMBERS = st.floats(1e-9, 1e9)


@settings(max_examples=100, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=9), st.booleans())
def test_an_axis_holds_its_numbers_and_has_few_round_ticks_in_order(values, log):
    axis = axis_around("x", values, log=log)
    assert all(0 < axis.place(value) < 1 for value in values)
    ticks = axis.ticks()
    assert 1 <= len(ticks) <= 9 and all(-1e-6 <= axis.place(tick) <= 1 + 1e-6 for tick in ticks)
    assert ticks == sorted(set(ticks))


@pytest.mark.parametrize(
    ("style", "value", "text"),
    [
        ("percent", 0.655, "65.5 %"),
        ("number", 1500.0, "1.5k"),
        ("number", 2.5e6, "2.5M"),
        ("number", -0.25, "\N{MINUS SIGN}0.25"),
        ("power", 1e-3, "10⁻³"),
        ("power", 0.05, "0.05"),
    ],
)
def test_texts_of_numbers(style, value, text):
    assert Axis("x", 1e-4, 1.0, style=style).text(value) == text


def test_nothing_that_an_axis_cannot_hold():
    assert axis_around("x", [math.nan, math.inf]) is None and axis_around("x", [0.0, -1.0], log=True) is None
    assert axis_around("x", [3.0]).low < 3 < axis_around("x", [3.0]).high
    assert axis_around("x", [0.0]).low < 0 < axis_around("x", [0.0]).high


def test_marks_stand_where_the_axes_say_and_their_texts_are_escaped():
    x, y = Axis("x", 1.0, 100.0, log=True), Axis("y", 0.0, 1.0)
    marks = [
        Line(HOSTILE, [1.0, 10.0, 0.0, math.nan], [0.0, 0.5, 0.5, 0.5], notes={HOSTILE: ["a", HOSTILE, "c", "d"]}),
        Band([1.0, 100.0], [0.2, 0.2], [0.4, math.nan]),
        Point(10.0, 0.25, HOSTILE, name=HOSTILE, error=0.1),
        Point(-1.0, 0.25, "not on a logarithmic axis"),
        Rule(HOSTILE, y=0.5),
        Rule("beyond", y=7.0),
    ]
    root = ElementTree.fromstring(Chart(HOSTILE, x, y, marks).to_svg())
    left, top, width, height = map(float, root.attrib["data-box"].split())
    (line,) = (one for one in root.iter() if one.tag.endswith("polyline"))
    assert line.attrib["points"] == f"0.0,{height:.1f} {width / 2:.1f},{height / 2:.1f}"
    assert json.loads(line.attrib["data-notes"]) == {HOSTILE: ["a", HOSTILE]}
    (mark,) = (one for one in root.iter() if "mark" in one.attrib.get("class", ""))
    assert mark.attrib["transform"] == f"translate({width / 2:.1f} {0.75 * height:.1f})" and mark[0].text == HOSTILE
    assert sum("rule" in one.attrib.get("class", "") for one in root.iter()) == 2  # a line and its name
    assert json.loads(root.attrib["data-x"]) == [1, 1.0, 100.0, "number", "x"]


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no Chromium")
def test_the_script_draws_the_same_ticks(tmp_path):
    page = write_page(small(), tmp_path / "a.html")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1300,900", f"--user-data-dir={tmp_path}/b"]
    done = subprocess.run([BROWSER, *flags, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True)
    assert '<html lang="en" class="live">' in done.stdout and "<title>jet_tagger</title>" in done.stdout

    def ticks(text):
        return [re.findall(r'<text class="[xy]"[^>]*>([^<]*)', part) for part in re.findall(r'"ticks">.*?</g>', text)]

    drawn, written = ticks(done.stdout), ticks(page.read_text())
    assert drawn == written or [sorted(one) for one in drawn] == [sorted(one) for one in written]
