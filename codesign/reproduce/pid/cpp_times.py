"""The networks of the table in generated C++."""

from collections.abc import Mapping

from rich.console import Console

from codesign._keras import keras
from codesign.cpu import Timing, runtimes, time_networks
from codesign.errors import UnsupportedLayerError
from codesign.export.cpp.header import cpp_source
from codesign.export.load import Source, load_source
from codesign.reproduce.pid.rows import BATCHES

_TIME_PER_SAMPLE_S = 2e-3  # as in TFLite
CppTimes = dict[int, dict[str, Timing]]  # batch -> row -> times


def time_cpp(models: Mapping[str, keras.Model], *, repeats: int) -> CppTimes:
    """Return the times of every network that is a chain of layers, all of one batch size in turn.

    None where there is no g++.

    Args:
        models: row -> shrunk network, fed its live inputs only, as in TFLite.
        repeats: samples of each.
    """
    sources = {name: found for name, model in models.items() if (found := _source(model)) is not None}
    if runtimes()["cpp"] or not sources:
        return {batch: {} for batch in BATCHES}
    with Console(stderr=True).status("generated C++") as status:
        options = {"repeats": repeats, "min_time_s": _TIME_PER_SAMPLE_S, "progress": status.update}
        timings = time_networks(sources, runtimes=["cpp"], batches=BATCHES, **options)
    return {batch: {one.network: one for one in timings if one.batch == batch} for batch in BATCHES}


def _source(model: keras.Model) -> Source | None:
    """None for what C++ does not take: the binary networks side by side are no chain."""
    try:
        source = load_source(model)
        cpp_source(source.network)
    except UnsupportedLayerError:
        return None
    return source
