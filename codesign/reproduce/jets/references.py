"""Numbers of others that come with the package: HGQ2's tuned front and gates on these events, and published taggers."""

import csv
from importlib import resources


def load_hgq2_front() -> list[dict]:
    """Return HGQ2's front on jets_hlf as it was measured once, tuned by hand over 6 seeds and 840 CPU s.

    HGQ2 0.2.0, da4ml 0.6.0, 16-64-32-32-5 with one 32-16-16 point; the script in codesign/reproduce/peers trains one
    seed of it anew.
    """
    return [{key: float(value) for key, value in row.items()} for row in _read("hgq2_front.csv")]


def load_published() -> list[dict]:
    """Return published taggers whose numbers were read in their papers: strings, as printed there.

    They are of the public hls4ml jets, OpenML's or CERNBox's, not of these events: accuracies do not compare, resources
    do.
    """
    return _read("published.csv")


def load_gates() -> list[dict]:
    """Return other methods that make tables or gates, as they were measured once on these very events.

    LUTs by Yosys, comparators and shift registers included, the argmax not; settings chosen on validation events. They
    are no runs of this study: ``benchmarks/boosted_gates.py`` measures conifer's again.
    """
    numbers = ("test_accuracy", "lut", "ff", "train_cpu_s")
    return [
        {key: (float(value) if value else None) if key in numbers else value for key, value in row.items()}
        for row in _read("gates.csv")
    ]


def _read(name: str) -> list[dict]:
    text = (resources.files("codesign.reproduce.jets") / name).read_text()
    return list(csv.DictReader(text.splitlines()))
