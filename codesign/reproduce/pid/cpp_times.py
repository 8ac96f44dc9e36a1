"""The networks of the table in generated C++."""

from collections.abc import Mapping

from rich.console import Console

from codesign._keras import keras
from codesign.cpu import Timing, runtimes, time_chains
from codesign.errors import UnsupportedLayerError
from codesign.export import FloatChain
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
    chains = {name: chain for name, model in models.items() if (chain := _chain(model)) is not None}
    if runtimes()["cpp"] or not chains:
        return {batch: {} for batch in BATCHES}
    with Console(stderr=True).status("generated C++") as status:
        options = {"repeats": repeats, "min_time_s": _TIME_PER_SAMPLE_S, "progress": status.update}
        timings = time_chains(chains, runtimes=["cpp"], batches=BATCHES, **options)
    return {batch: {one.network: one for one in timings if one.batch == batch} for batch in BATCHES}


def _chain(model: keras.Model) -> FloatChain | None:
    """The binary networks side by side are no chain."""
    try:
        return FloatChain.from_keras(model)
    except UnsupportedLayerError:
        return None
