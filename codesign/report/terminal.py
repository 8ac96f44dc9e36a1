"""The picks of a report.json in the terminal."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from codesign.data.dataset import kind_text
from codesign.fpga.design.reuse import reuse_text
from codesign.report.pick_sentences import note_sentences
from codesign.report.sections import cpu_section
from codesign.report.sections.values import main_metric, metric_text
from codesign.report.view import (
    MISSING,
    agreement_verdict,
    interval_of,
    latency_source,
    number_text,
    pick_rows,
    quality_rows,
    resource_sources,
    seconds_text,
    shortfalls,
    step_seconds,
)

_NUMBERS = {
    "LUT": "lut",
    "FF": "ff",
    "DSP": "dsp",
    "BRAM 18 kb": "bram_18k",
    "latency, cycles": "latency_cycles",
    "latency, ns": "latency_ns",
    "initiation interval, cycles": "initiation_interval",
}
_COLOURS = {"ok": "green", "bad": "bold red", "none": "dim"}


def print_picks(report: Mapping, console: Console) -> None:
    """Print the picked designs, each with the source of its numbers, their agreement and the time it all took."""
    title = ", ".join(str(report[key]) for key in ("project", "part") if report.get(key))
    if report.get("data_kind"):
        title += f", {kind_text(str(report['data_kind']))}"
    picks = pick_rows(report)
    console.print(_table(picks, report, title))
    for pick in picks:
        state, sentence = agreement_verdict(pick["agreement"])
        flips = pick["agreement"].get("argmax_flips")
        beside = pick["agreement"].get("compared_with") or "the float model"
        note = f"; {flips:,} decisions differ from {escape(str(beside))}" if isinstance(flips, int) else ""
        console.print(f"{escape(pick['role'])}: [{_COLOURS[state]}]{sentence}[/]{note}")
    for roles, text in note_sentences(picks):
        console.print(f"{escape(roles)}: [yellow]{escape(text)}[/]")
    for sentence in _cpu_times(report):
        console.print(escape(sentence))
    for sentence in shortfalls(report):
        console.print(f"[bold red]{escape(sentence)}[/]")
    seconds = step_seconds(report)
    if seconds:
        steps = ", ".join(f"{escape(step)} {seconds_text(value)}" for step, value in seconds.items())
        console.print(f"[dim]{steps}; total {seconds_text(sum(seconds.values()))}[/]")


def _table(picks: Sequence[Mapping], report: Mapping, title: str) -> Table:
    """A column per pick: what it is, how good, what it costs and who says so."""
    table = Table("", title=escape(title), title_justify="left")
    for pick in picks:
        table.add_column(escape(pick["role"]), justify="right", overflow="fold")
    table.add_row("implementation", *(escape(str(pick.get("implementation") or MISSING)) for pick in picks))
    table.add_row("precision", *(escape(_precision(pick)) for pick in picks))
    for row in quality_rows(picks, report):
        if row["whose"] and row["metric"] != main_metric(report):
            continue  # the page has them
        table.add_row(escape(row["label"]), *(metric_text(row["metric"], *cell) for cell in row["cells"]))
    for name, key in _NUMBERS.items():
        table.add_row(name, *(_number(pick, key) for pick in picks))
    table.add_row("resources counted by", *(escape(resource_sources(pick)) for pick in picks))
    table.add_row("latency from", *(escape(latency_source(pick)) for pick in picks))
    return table


def _number(pick: Mapping, key: str) -> str:
    """A number, with its interval if it is an estimate."""
    found = interval_of(pick, key)
    return f"{number_text(pick.get(key))} ({found})" if found else number_text(pick.get(key))


def _cpu_times(report: Mapping) -> Iterator[str]:
    """One line per pick: the FPGA beside the CPU."""
    found = cpu_section(report) or {"rows": [], "runtimes": []}
    columns = [(name, batch) for name, batches in found["runtimes"] for batch in batches]
    for row in found["rows"]:
        if row["picked"]:
            cells = [
                f"{name} {number_text(value)} ({batch:,} at once)"
                for (name, batch), value in zip(columns, row["times"])
                if value is not None
            ]
            fpga = f"an event every {number_text(row['between_ns'])} ns on the FPGA"
            yield f"{row['name']}: {fpga}; ns per event on this CPU: {', '.join(cells)}"


def _precision(pick: Mapping) -> str:
    reuse = reuse_text(pick.get("reuse_factor") or 1)
    return " ".join(str(part) for part in (pick.get("precision"), reuse != "1" and f"reuse {reuse}") if part) or MISSING
