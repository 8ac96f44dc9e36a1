"""The networks of the table in generated C++."""

from collections.abc import Mapping

from rich.console import Console

from codesign._keras import keras
from codesign.cpu import Timing, runtimes, time_networks
from codesign.export.load import load_source
from codesign.reproduce.pid.rows import BATCHES

_TIME_PER_SAMPLE_S = 2e-3  # as in TFLite
CppTimes = dict[int, dict[str, Timing]]  # batch -> row -> times


def time_cpp(models: Mapping[str, keras.Model], *, repeats: int) -> CppTimes:
    """Return the times of every network, all of one batch size in turn.

    None where there is no g++.

    Args:
        models: row -> shrunk network, fed its live inputs only, as in TFLite.
        repeats: samples of each.
    """
    if runtimes()["cpp"]:
        return {batch: {} for batch in BATCHES}
    sources = {name: load_source(model) for name, model in models.items()}
    with Console(stderr=True).status("generated C++") as status:
        options = {"repeats": repeats, "min_time_s": _TIME_PER_SAMPLE_S, "progress": status.update}
        timings = time_networks(sources, runtimes=["cpp"], batches=BATCHES, **options)
    return {batch: {one.network: one for one in timings if one.batch == batch} for batch in BATCHES}
