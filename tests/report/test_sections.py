"""Every section of the page: there exactly when its keys are, whatever the others are, and whatever texts they hold."""

import contextlib
import copy
import io
import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rich.console import Console

from codesign.errors import ReportError
from codesign.report import compare_runs, print_picks, shortfalls
from codesign.report.page import render_page
from tests.report.test_page import Page

SMALL = Path(__file__).parent / "reports" / "small.json"
# A section -> where its keys stand: at the top, or in each pick or reference.
KEYS = {
    "front_chart": ("compared", "front", "picked"),
    "comparison": ("references",),
    "cpu": ("cpu",),
    "roc": ("roc", "roc_float"),
    "working_points": ("working_points",),
    "confusion": ("confusion",),
    "outputs": ("outputs",),
    "residuals": ("residuals",),
    "picks": ("picked",),
    "budget": ("budget",),
    "inputs": ("inputs",),
    "layers": ("layers",),
    "stages": ("stages",),
    "history": ("history",),
    "front": ("front",),
    "seconds": ("seconds",),
}
OF_PICKS = {name for name, keys in KEYS.items() if not {"picked"} & set(keys)} & {
    "cpu",
    "roc",
    "working_points",
    "confusion",
    "outputs",
    "residuals",
    "inputs",
    "layers",
    "stages",
}


def small():
    return json.loads(SMALL.read_text())


def shown(report):
    text = render_page(report)
    Page(text)
    return {part.split('"')[0] for part in text.split('<h2 id="')[1:]}


def without(report, keys):
    report = copy.deepcopy(report)
    for owner in (report, *report.get("picked", ()), *report.get("references", ())):
        for key in keys:
            owner.pop(key, None)
    return report


def test_the_golden_report_shows_every_section():
    assert shown(small()) == {*KEYS, "resources", "quality", "latency", "agreement", "provenance"}


@pytest.mark.parametrize("name", KEYS)
def test_a_section_is_there_exactly_when_its_keys_are(name):
    lost = shown(small()) - shown(without(small(), KEYS[name]))
    also = {"picked": {*OF_PICKS - {"cpu", "roc"}, "picks", "resources", "quality", "latency", "agreement"}}
    also["front"] = {"front"}
    assert lost == {name}.union(*(also.get(key, ()) for key in KEYS[name]))


def paths(value, here=()):
    yield here
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths(child, (*here, key))


def reached(value, path):
    for key in path:
        if not isinstance(value, (dict, list)) or (key not in value if isinstance(value, dict) else key >= len(value)):
            return None
        value = value[key]
    return value


PATHS = [path for path in paths(small()) if path]


@settings(max_examples=30, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(("delete", None, {}, [], "", 1e400))), max_size=25))
def test_any_subset_of_the_keys_is_a_page(changes):
    report = small()
    for path, new in changes:
        owner = reached(report, path[:-1])
        if not isinstance(owner, dict) or path[-1] not in owner:
            continue
        if new == "delete":
            del owner[path[-1]]
        else:
            owner[path[-1]] = new
    if any(new != "delete" for _, new in changes):  # of what is not what it must be there is an error of one line
        with contextlib.suppress(ReportError):
            Page(render_page(report))
        return
    Page(render_page(report))
    print_picks(report, Console(file=io.StringIO(), width=150))


def spoilt(path, value):
    """The golden report with another value in one place."""
    report = small()
    reached(report, path[:-1])[path[-1]] = value
    return report


def check_is_a_page_or_one_line(path, value):
    """Draw the page, print the picks, compare the run with itself: nothing else than a line may come of it."""
    report = spoilt(path, value)
    for draw in (render_page, shortfalls, lambda one: print_picks(one, Console(file=io.StringIO(), width=150))):
        with contextlib.suppress(ReportError):
            draw(report)
    with contextlib.suppress(ReportError):
        compare_runs({"as it was": small(), "spoilt": report}).to_text()


def kinds_of_paths():
    """A path of each kind: of rows in a list one stands for all."""
    found = {}
    for path in PATHS:
        found.setdefault(tuple("row" if isinstance(key, int) else key for key in path), path)
    return sorted(found.values(), key=repr)


FOREIGN = (None, {}, [], "", 1e400)
SPOILT = [(path, value) for path in kinds_of_paths() for value in FOREIGN]


@pytest.mark.parametrize("part", range(5))
def test_whatever_stands_in_one_place_is_a_page_or_one_line(part):
    """Every kind of path with every foreign value: a fixed draw of them here, all of them among the slow tests."""
    draw = random.Random(part)
    for path, value in draw.sample(SPOILT, 15):
        check_is_a_page_or_one_line(path, value)


@pytest.mark.parametrize(
    "path",
    [
        ("data", "notes"), ("data", "classes"), ("data", "features"), ("picked", 0, "notes"), ("versions",),
        ("picked", 0, "confusion", "classes"), ("picked", 0, "confusion", "counts"),
    ],
)  # fmt: skip
def test_lists_that_are_none(path):
    for value in FOREIGN:
        Page(render_page(spoilt(path, value)))


@pytest.mark.slow
def test_whatever_stands_in_any_one_place_is_a_page_or_one_line():
    for path, value in SPOILT:
        check_is_a_page_or_one_line(path, value)


def test_of_a_regression_low_is_good():
    report = {
        "metric": "rmse",
        "data": {"targets": ["pt"], "classes": []},
        "budget": {"max_rmse": 3.0, "lut": 500},
        "front": [
            {"lut": lut, "metrics": {"rmse": {"value": rmse, "error": 0.1}}} for lut, rmse in ((100, 4.0), (300, 2.0))
        ],
        "picked": [
            {
                "role": "best",
                "lut": 300,
                "metrics": {"rmse": 2.0},
                "metrics_test": {"rmse": {"value": 2.1, "error": 0.12}},
            }
        ],
    }
    page = Page(render_page(report))
    assert "RMSE against LUT" in page.text and "2.10 ± 0.12" in page.text and "RMSE when picked ≤ 3 2 ✓" in page.text
    text = render_page(report)
    marks = re.findall(r'<path class="mark[^"]*?( hollow)?"[^>]*><title>[^<]*RMSE ([\d.]+)', text)
    assert (" hollow", "4.00") in marks and ("", "2.00") in marks  # above its limit, and within it
    assert shortfalls(report) == []


def test_no_source_says_what_it_cannot_have_seen():
    row = {"lut": 5, "latency_cycles": 3, "latency_ns": 15.0, "source": "yosys"}  # of a file that names one source
    front = {"front": [row, {**row, "sources": {"lut": "yosys", "latency_cycles": "rtl-sim"}}]}
    text = Page(render_page(front)).text
    assert "5 – – – 3 15 – yosys" in text and "5 – – – 3 rtl-sim 15 rtl-sim – yosys" in text
    references = [{"name": "old", "kind": "qkeras", **row, "cpu": [{"runtime": "cpp", "batch": 1, "ns_per_event": 9}]}]
    assert "15 yosys" not in Page(render_page({"references": references})).text


HOSTILE = """</script><script>alert(1)</script><img src=x onerror='alert(2)'>"><b>{{ 7 * 7 }}"""


def hostile(value):
    if isinstance(value, dict):
        return {key: hostile(child) for key, child in value.items()}
    if isinstance(value, list):
        return [hostile(child) for child in value]
    return f"{value}{HOSTILE}" if isinstance(value, str) else value


def test_no_text_of_a_report_becomes_markup():
    report = small()
    for key in ("name", "features", "classes"):
        report["data"][key] = hostile(report["data"][key])
    for pick in report["picked"]:
        for key in (
            "role",
            "method",
            "implementation",
            "precision",
            "notes",
            "roc",
            "roc_float",
            "confusion",
            "outputs",
        ):
            pick[key] = hostile(pick.get(key))
        for key in ("working_points", "inputs", "layers", "stages", "cpu", "metrics", "metrics_test"):
            pick[key] = hostile(pick[key])
        pick["metrics"][f"auc[{HOSTILE}]"] = {"value": 0.5, "error": 0.1}
    for key in ("references", "history", "compared", "front", "command", "project", "processor", "seed", "versions"):
        report[key] = hostile(report[key])
    text = render_page(report)
    page = Page(text)
    assert page.tags.count("script") == 1
    assert "alert(1)</script>" not in text and "{{ 7 * 7 }}" in page.text
    assert set(page.tags) == set(Page(render_page(small())).tags)


def test_the_terminal_puts_the_cpu_beside_the_fpga_and_leaves_more_metrics_to_the_page():
    output = io.StringIO()
    print_picks(small(), Console(file=output, width=400))
    text = output.getvalue()
    assert "smallest: an event every 5 ns on the FPGA; ns per event on this CPU: TFLite float 863.8 (1 at once)" in text
    assert "AUC of t" in text and "AUC of t when picked" not in text and "accuracy when picked" in text
