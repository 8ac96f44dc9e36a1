"""Times of networks on CPU runtimes as rows, a table and a plot; what `codesign time` prints."""

import platform
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.cpu import Timing, runtimes
from codesign.report.figure import new_figure, save_figure, style
from codesign.report.result import write_json
from codesign.report.table import make_console, print_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = ("#000000", "#999999", "#0072b2", "#56b4e9", "#e69f00", "#d55e00", "#cc79a7", "#009e73", "#332288")
_MARKERS = "osv^DPX*h"
_NOTES = (
    "ns: wall time per event, median over the repeats; spread: from the first to the third quartile; CPU: of all "
    "threads, median.",
    "call: what was timed, in the runtime's own language, inputs in place. Batch 1 is one event in cache. Ratio: first "
    "line over this.",
    "difference: largest, to the outputs of the model itself.",
)


def make_rows(timings: Sequence[Timing]) -> list[dict]:
    """Return one row per timing, with its ratio to the first of the same batch size."""
    first: dict[int, Timing] = {}
    rows = []
    for timing in timings:
        reference = first.setdefault(timing.batch, timing)
        method = f"{timing.network}, {timing.runtime}, batch {timing.batch}"
        rows.append(
            {"method": method, **timing.as_dict(), "ratio_to_first": reference.ns_per_event / timing.ns_per_event}
        )
    return rows


def print_times(rows: Sequence[Mapping], sizes: Mapping[str, str]) -> None:
    """Print one table per network, and what is not installed.

    Args:
        sizes: network -> what its title says about it.
    """
    console = make_console()
    for network, size in sizes.items():
        own = [row for row in rows if row["network"] == network]
        notes = _NOTES if network == list(sizes)[-1] else ()
        print_table(f"{network}: {size}, {_processor()}", "GENERATED", _columns(own), console=console, notes=notes)
    for name, reason in runtimes().items():
        if reason:
            console.print(f"{name}: not timed; {reason}", style="dim", soft_wrap=True, markup=False)


def write_times(path: str | PathLike, rows: Sequence[dict], **more: object) -> None:
    """Write the rows as JSON, with the processor and what else is given.

    Raises:
        DataError: if the path cannot be written.
    """
    write_json(path, "time", "GENERATED", rows, [], seeds=[0], processor=_processor(), **more)


def save_plot(rows: Sequence[Mapping], path: str | PathLike) -> None:
    """Write the plot as SVG and PNG beside each other.

    Raises:
        DataError: for another suffix, or a path that cannot be written.
    """
    save_figure(plot_times(rows), path)


def plot_times(rows: Sequence[Mapping]) -> "Figure":
    """Draw time per event against events per call, a panel per network and a line per runtime."""
    networks, names = (list(dict.fromkeys(row[key] for row in rows)) for key in ("network", "runtime"))
    with style():
        figure = new_figure(width_in=1.2 + 3.6 * len(networks), height_in=4.2)
        panels = figure.subplots(1, len(networks), sharey=True, squeeze=False)[0]
        for axes, network in zip(panels, networks):
            axes.set(xscale="log", yscale="log", xlabel="events per call")
            axes.set_title(network, fontsize="medium")
            for index, name in enumerate(names):
                own = sorted(
                    (row for row in rows if (row["network"], row["runtime"]) == (network, name)),
                    key=lambda row: row["batch"],
                )
                look = {"color": _COLOURS[index % len(_COLOURS)], "marker": _MARKERS[index % len(_MARKERS)]}
                label = f"{name} ({own[0]['call']})" if axes is panels[0] else None
                axes.plot([row["batch"] for row in own], [row["ns_per_event"] for row in own], label=label, **look)
        panels[0].set_ylabel("wall time per event, ns")
        figure.legend(loc="outside upper left", ncols=3)
    return figure


def _columns(rows: Sequence[Mapping]) -> dict[str, list[object]]:
    return {
        "runtime": [row["runtime"] for row in rows],
        "call": [row["call"] for row in rows],
        "threads": [row["threads"] for row in rows],
        "batch": [f"{row['batch']:,}" for row in rows],
        "ns": [_number(row["ns_per_event"]) for row in rows],
        "best": [_number(row["best_ns"]) for row in rows],
        "spread": [_number(row["spread_ns"]) for row in rows],
        "CPU": [_number(row["cpu_ns"]) for row in rows],
        "ratio": [_number(row["ratio_to_first"]) for row in rows],
        "difference": [f"{row['largest_difference']:.1e}" for row in rows],
    }


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _processor() -> str:
    """What the system calls the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
