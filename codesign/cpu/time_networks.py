"""Time networks on CPU runtimes side by side, all of them in turn, so that a noisy machine hits all alike."""

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from codesign._arguments import checked
from codesign.cpu.catalogue import choose
from codesign.cpu.interleaved import CHECKED_EVENTS, Entry, time_interleaved
from codesign.cpu.timing import Timing
from codesign.errors import ConfigError, DataError, UnsupportedLayerError
from codesign.export.agreement import random_events
from codesign.export.load import load_source
from codesign.network import Network
from codesign.network.layout import Events

BATCHES = (1, 1000, 100_000)
_MOST_EVENTS = 10_000_000


def time_network(model: object, *, name: str = "network", **options: object) -> tuple[Timing, ...]:
    """Time one network; see :func:`time_networks` for the options."""
    return time_networks({name: model}, **options)


@checked
def time_networks(
    models: Mapping[str, object],
    *,
    runtimes: Sequence[str] | None = None,
    batches: Sequence[int] = BATCHES,
    repeats: int = 15,
    min_time_s: float = 0.01,
    threads: int = 1,
    x: Events | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Timing, ...]:
    """Time networks on runtimes.

    A sample is as many calls as take `min_time_s`. The first repeat warms up and is dropped. Only the call is timed, in
    the language of the runtime's own API, on inputs that are already where the runtime wants them.

    Args:
        models: by name: whatever :func:`codesign.load_network` reads.
        runtimes: some of :func:`codesign.cpu.runtimes`; by default all that are installed and can evaluate the network.
        batches: events per call.
        repeats: samples of each network on each runtime.
        min_time_s: of a sample, seconds.
        threads: for runtimes that can use several; a :class:`Timing` says how many it was.
        x: (n_events, n_inputs) to evaluate, again and again for larger batches; normal numbers after the
            standardisation by default.
        progress: told what is going on.

    Returns:
        tuple of Timing: by batch, then network, then runtime.

    Raises:
        ConfigError: for an unknown runtime, or numbers below 1.
        DataError: for events of a wrong shape, or with NaN or inf.
        EnvironmentSetupError: for a runtime that is missing; it says what to install.
        ToolError: for one that fails.
        AgreementError: for one whose outputs are not those of the user's own model.
        UnsupportedLayerError: for a network that a runtime asked for by name cannot evaluate.

    Example:
        >>> from codesign import DenseLayer, Network, time_networks
        >>> network = Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.0])])
        >>> times = time_networks({"tiny": network}, runtimes=["cpp"], batches=[1000], repeats=2, min_time_s=0.001)
    """
    if not models:
        raise ConfigError("models: expected at least one network. Received: none")
    check_timing(batches, repeats=repeats, threads=threads, min_time_s=min_time_s)
    chosen = choose(runtimes)
    sources = {name: load_source(model) for name, model in models.items()}
    events = {name: _events(source.network, x) for name, source in sources.items()}
    with tempfile.TemporaryDirectory(prefix="codesign-cpu-") as folder:
        entries = []
        for index, (name, source) in enumerate(sources.items()):
            own = Path(folder, str(index))
            own.mkdir()
            for runtime in chosen:
                progress(f"prepare {runtime.name} for {name}")
                try:
                    program = runtime.prepare(source.network, own, events[name][:CHECKED_EVENTS])
                except UnsupportedLayerError:
                    if runtimes is None:
                        continue
                    raise
                more = {"threads": 1 if runtime.one_thread else threads, "folder": own, "network": source.network}
                more |= {"n_outputs": source.network.n_outputs, "reference": source.model}
                entries.append(Entry(name, runtime, program, events[name], **more))
        options = {"repeats": repeats, "min_time_s": min_time_s, "progress": progress}
        return tuple(timing for batch in batches for timing in time_interleaved(entries, batch, **options))


def check_timing(batches: Sequence[int], *, repeats: int = 1, threads: int = 1, min_time_s: float = 1.0) -> None:
    """Check how it is timed.

    Args:
        batches, repeats, threads, min_time_s: as of :func:`time_networks`.

    Raises:
        ConfigError: for numbers below 1, or a batch twice.
    """
    if not batches or len(set(batches)) < len(batches) or not all(1 <= batch <= _MOST_EVENTS for batch in batches):
        raise ConfigError(f"batches: expected different numbers from 1 to {_MOST_EVENTS:,}. Received: {list(batches)}")
    for option, value in (("repeats", repeats), ("threads", threads)):
        if value < 1:
            raise ConfigError(f"{option}: expected at least 1. Received: {value}")
    if not 0 < min_time_s < math.inf:
        raise ConfigError(f"min_time_s: expected seconds above 0. Received: {min_time_s}")


def _events(network: Network, x: np.ndarray | None) -> np.ndarray:
    if x is None:
        x, kind = random_events(network, CHECKED_EVENTS), network.input_precision
        return x if kind is None else kind.quantize(x.astype(np.float64)).astype(np.float32)  # what its integers can be
    x = np.asarray(x, np.float32)
    if x.ndim != 2 or x.shape[1] != network.n_inputs or not len(x) or not np.isfinite(x).all():
        raise DataError(
            f"x: expected finite numbers, (n_events, {network.n_inputs}). Received: shape {x.shape}, or NaN or inf"
        )
    return x
