"""The HTML page and the terminal table of a hand-made report."""

import base64
import hashlib
import io
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from codesign.errors import DataError, ReportError
from codesign.report import print_picks, write_page
from codesign.report.page import render_page
from tests.report.example import example_report, old_report

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """Collects tags, addresses and text, and checks that every tag is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.words, self.open = [], [], [], []
        self.feed(text)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [
            value for name, value in attributes if name in ("src", "href", "xlink:href", "action", "data")
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data.strip())

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture
def page(tmp_path):
    return Page(write_page(example_report(), tmp_path / "new" / "report.html").read_text(encoding="utf-8"))


def test_headline_says_what_was_picked_and_whether_it_agrees(page):
    assert "7,418 LUT yosys" in page.text and "66.78 % accuracy" in page.text and "30 ns latency" in page.text
    assert "30,000 events, 0 mismatches (C simulation and RTL)" in page.text
    assert "30,000 events, 0 mismatches (C simulation)" in page.text


def test_each_number_of_a_pick_names_its_source(page):
    assert "30 ns latency rtl-sim" in page.text and "20 ns latency estimate" in page.text
    merged = "each number from its best source 7,418 yosys 2,951 yosys 0 yosys 0 yosys 6 rtl-sim 30 1 rtl-sim"
    assert merged in page.text and "6 rtl-sim 5 target 30 1 rtl-sim 200" in page.text
    assert render_page(old_report()) == render_page(example_report())


def test_every_section_is_there(page):
    sections = (
        "Accuracy against LUT",
        "Picks, number by number",
        "Resources beside the part",
        "Latency",
        "Agreement, bit for bit",
        "Budget",
    )
    for section in (*sections, "The front", "Time per step", "Provenance", "Versions", "Project file"):
        assert section in page.text
    for fact in (
        "Verilator 5.048",
        "GENERATED",
        "98,507 to train",
        "seed 1",
        "3 min 02 s",
        "hls4ml 1.3.0",
        "min_accuracy: 0.66",
        "200",
    ):
        assert fact in page.text


def test_page_is_self_contained(page):
    assert {"link", "img", "iframe", "object", "form"}.isdisjoint(page.tags)
    assert page.addresses and all(address.startswith("#") for address in page.addresses)
    assert page.tags.count("script") == 1


def test_only_our_script_may_run():
    text = render_page(example_report())
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'" in text
    assert not re.search(r"""\son\w+\s*=\s*["']""", text.replace(script, "")) and "</" not in script


def test_page_is_deterministic_and_has_no_address_of_elsewhere():
    first = render_page(example_report())
    assert first == render_page(example_report())
    assert not re.search(r"https?://|url\(", first)


def test_texts_of_the_report_are_escaped():
    report = example_report()
    report["project"] = report["project_yml"] = report["data"]["origin"] = "<script>alert('x')</script>"
    report["picked"][0]["role"] = '"><b>'
    text = render_page(report)
    assert "<script>alert" not in text and "&lt;script&gt;" in text and '"><b>' not in text


def test_mismatches_and_missed_limits_are_loud():
    report = example_report()
    report["picked"][0]["agreement"]["rtl_mismatches"] = 12
    report["picked"][0]["lut"] = 20_000
    page = Page(render_page(report))
    assert "✗ 30,000 events, 12 mismatches in RTL" in page.text
    assert "20,000 ✗" in page.text


@pytest.mark.parametrize("key", example_report())
def test_a_missing_key_leaves_out_its_section_only(key, tmp_path):
    report = example_report()
    del report[key]
    Page(write_page(report, tmp_path / "a.html").read_text(encoding="utf-8"))
    report[key] = None
    Page(render_page(report))


@pytest.mark.parametrize("key", example_report()["picked"][0])
def test_a_missing_key_of_a_pick_does_not_break_the_page(key):
    report = example_report()
    del report["picked"][0][key]
    Page(render_page(report))
    report["picked"][0][key] = None
    Page(render_page(report))
    print_picks(report, Console(file=io.StringIO(), width=150))


def test_empty_report_is_a_page(tmp_path):
    assert "FPGA design" in Page(write_page({}, tmp_path / "a.html").read_text(encoding="utf-8")).text


def test_bad_arguments(tmp_path):
    with pytest.raises(ReportError, match="expected the contents of report.json. Received: list"):
        write_page([], tmp_path / "a.html")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="path: expected a writable place for the page"):
        write_page({}, tmp_path / "file" / "a.html")


def test_a_sentence_of_several_picks_stands_once():
    """On the page and in the terminal: once, behind the names of those that it is of."""
    report = example_report()
    roles = [pick["role"] for pick in report["picked"]]
    for index, pick in enumerate(report["picked"]):
        pick["notes"] = ["shared by all", "shared by all", f"alone with number {index}"]
    console = Console(file=io.StringIO(), width=200)
    print_picks(report, console)
    for text in (Page(render_page(report)).text, console.file.getvalue()):
        assert text.count("shared by all") == 1 and text.count("alone with number") == len(roles)
        assert f"{' and '.join(roles)}: shared by all".lower() in text.lower()
