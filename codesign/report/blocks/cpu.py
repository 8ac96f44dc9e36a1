"""Times of networks on this CPU as data, beside those of the FPGA."""

from collections.abc import Callable, Mapping, Sequence

from codesign._arguments import checked
from codesign.cpu import runtimes as all_runtimes
from codesign.cpu import time_networks
from codesign.errors import ToolError, UnsupportedLayerError
from codesign.network.layout import Events

RUNTIMES = ("litert", "litert-int8", "cpp", "cpp-integer")
_BATCHES = (1, 1000)


@checked
def cpu_block(
    networks: Mapping[str, object],
    *,
    x: Events | None = None,
    runtimes: Sequence[str] = RUNTIMES,
    batches: Sequence[int] = _BATCHES,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, list[dict]]:
    """Return the block ``cpu`` of report.json of each network, by its name.

    Runtimes that are not installed, that do not take the network, or that fail are left out; where a runtime gives
    other outputs than the network, that is an error.

    Args:
        networks: by name: whatever :func:`codesign.load_network` reads.
        x: (n_events, n_inputs) to evaluate.
        runtimes: some of :func:`codesign.cpu.runtimes`.
        batches: events per call.
        progress: told what is going on.

    Raises:
        AgreementError: for a runtime whose outputs are not those of the network.
    """
    present = [name for name, reason in all_runtimes().items() if name in runtimes and not reason]
    found: dict[str, list[dict]] = {}
    for name, network in networks.items():
        rows = found.setdefault(name, [])
        for runtime in present:
            options = {"batches": batches, "repeats": 7, "min_time_s": 0.005, "x": x, "progress": progress}
            try:
                timings = time_networks({name: network}, runtimes=[runtime], **options)
            except (UnsupportedLayerError, ToolError):
                continue
            rows += [{key: value for key, value in one.as_dict().items() if key != "network"} for one in timings]
    return found
