"""Figures: what is drawn, deterministic SVG, no global state."""

import re
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from codesign.errors import ReportError
from codesign.fpga.design.budget import Budget
from codesign.fpga.design.design import Design
from codesign.fpga.design.parts import find_part
from codesign.fpga.design.report import DesignReport
from codesign.report import figure_to_svg, plot_pareto, plot_resources
from tests.random_networks import random_network
from tests.report.example import PART, example_report


def texts(figure):
    return " ".join(ElementTree.fromstring(figure_to_svg(figure)).itertext())


def row(lut, accuracy, **more):
    return {"implementation": "unrolled", "lut": lut, "accuracy": accuracy, "latency_ns": 30.0, **more}


def points(axes, *, hollow):
    lines = [
        line
        for line in axes.lines
        if line.get_marker() in "os^Dv" and line.get_markersize() < 10 and len(line.get_xdata())
    ]
    return {
        xy
        for line in lines
        if (line.get_markerfacecolor() == "none") is hollow
        for xy in zip(line.get_xdata(), line.get_ydata())
    }


def test_designs_beyond_any_limit_are_hollow():
    rows = [
        row(100, 0.70),
        row(200, 0.71, latency_ns=500.0),
        row(300, 0.72),
        row(9000, 0.73),
        row(50, 0.69, latency_ns=None),
    ]
    figure = plot_pareto(rows, budget=Budget(lut=1000, latency_ns=100, min_accuracy=0.695))
    axes = figure.axes[0]
    assert points(axes, hollow=False) == {(100, 0.70), (300, 0.72)}
    assert points(axes, hollow=True) == {
        (200, 0.71),
        (9000, 0.73),
        (50, 0.69),
    }  # an unknown latency is not within the budget


def test_the_front_is_the_brute_force_front():
    rng = np.random.default_rng(3)
    rows = [
        row(int(lut), float(accuracy)) for lut, accuracy in zip(rng.integers(1, 50, 60), rng.uniform(0.70, 0.73, 60))
    ]
    steps = next(line for line in plot_pareto(rows).axes[0].lines if line.get_drawstyle() == "steps-post")
    front = {
        (one["lut"], one["accuracy"])
        for one in rows
        if not any(o["lut"] <= one["lut"] and o["accuracy"] >= one["accuracy"] and o is not one for o in rows)
    }
    assert set(zip(steps.get_xdata(), steps.get_ydata())) == front


def test_takes_designs_as_well_as_their_rows():
    network = random_network(np.random.default_rng(2), (4, 3, 2), max_width=6)
    report = DesignReport("estimate", lut=120, latency_cycles=3, clock_target_ns=5.0)
    design = Design(network, report=report, accuracy=0.7, precision="w4 a6")
    drawn = [figure_to_svg(plot_pareto([one], [one], Budget(lut=100))) for one in (design, design.as_dict())]
    assert drawn[0] == drawn[1]
    assert points(plot_pareto([design], budget=Budget(lut=100)).axes[0], hollow=True) == {(120, 0.7)}


def test_picks_are_ringed_and_named():
    figure = plot_pareto([row(100, 0.70)], [row(110, 0.70, role="smallest")])
    assert [(110, 0.70)] == [tuple(line.get_xydata()[0]) for line in figure.axes[0].lines if line.get_markersize() > 10]
    assert "smallest" in texts(figure)


def test_far_worse_designs_are_counted_not_drawn():
    figure = plot_pareto([row(100, 0.70), row(90, 0.30), row(80, 0.25)], [row(100, 0.70)])
    assert points(figure.axes[0], hollow=False) == {(100, 0.70)}
    assert "2 more below 67.0 %" in texts(figure)


def test_pareto_needs_a_design_with_both_numbers():
    with pytest.raises(ReportError, match="expected at least one with accuracy and lut"):
        plot_pareto([row(None, 0.7), row(3, None)])


def test_resource_bars_are_shares_of_the_part():
    report = DesignReport("yosys", lut=17_280, ff=0, dsp=None, bram_18k=5_376)
    figure = plot_resources({"mine": report}, find_part(PART))
    widths = [patch.get_width() for patch in figure.axes[0].patches]
    assert widths == pytest.approx([0.01, 1e-4, 1.0])  # dsp is not known: no row
    assert "17,280 · 1 %" in texts(figure)


def test_resource_bars_need_a_known_part():
    with pytest.raises(ReportError, match="expected a part with known capacities"):
        plot_resources({"mine": DesignReport("yosys", lut=3)}, "no_such_part")


def test_svg_is_deterministic_and_takes_its_ink_from_the_page():
    def draw():
        report = example_report()
        rows = {pick["role"]: DesignReport("yosys", lut=pick["lut"], ff=pick["ff"]) for pick in report["picked"]}
        figures = (plot_pareto(report["front"], report["picked"], report["budget"]), plot_resources(rows, PART))
        return [figure_to_svg(figure) for figure in figures]

    first = draw()
    assert first == draw()
    for svg in first:
        assert svg.startswith("<svg") and svg.endswith("</svg>")
        assert "currentColor" in svg and "1a1b1c" not in svg
        assert not re.search(r"20\d\d-\d\d|<metadata|<image|href=\"http", svg)
        assert set(re.findall(r"https?://[^\" ]+", svg)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }


def test_drawing_leaves_no_global_state():
    from matplotlib import pyplot

    before, figures = dict(matplotlib.rcParams), pyplot.get_fignums()
    figure_to_svg(plot_pareto(example_report()["front"]))
    assert dict(matplotlib.rcParams) == before
    assert pyplot.get_fignums() == figures == []


def test_a_limit_on_any_metric_counts():
    rows = [
        {"accuracy": 0.7, "lut": lut, "metrics": {"auc[b]": {"value": auc, "error": 0.01, "events": 90}}}
        for lut, auc in ((100, 0.95), (200, 0.85))
    ]
    axes = plot_pareto([*rows, {"accuracy": 0.7, "lut": 300}], budget=Budget.of({"min_auc[b]": 0.9})).axes[0]
    assert points(axes, hollow=False) == {(100, 0.7)} and points(axes, hollow=True) == {(200, 0.7), (300, 0.7)}
