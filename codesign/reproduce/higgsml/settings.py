"""What the ladder trains: each row one change to the one above, then the recipe that stands at its end."""

from dataclasses import dataclass

ENSEMBLE, DRONE, FPGA, TIMES, COSTS = "recipe", "drone", "fpga", "times", "costs"
TITLES = {
    "ten_nets": "10 nets, 4 x 100 ReLU",
    "embedding": "+ embedding of the jet number",
    "augmentation": "+ augmentation, 8 copies",
    "alignment": "alignment instead",
    "swish": "+ swish",
    "dense": "+ dense connections, 6 x 33",
    "masses": "+ masses of pairs",
    ENSEMBLE: "smaller nets, 3 x 32, the recipe",
    "small": "2 x 16",
    "sgdr": "1 net of the recipe, SGDR",
    "swa": "1 net, SWA",
    "snapshots": "1 net, 4 snapshots (SSE)",
    "fge": "1 net, FGE",
}
_PAPER = {"hidden": (100,) * 4, "activation": "relu", "masses": False, "symmetry": "none", "embeds": False}
_EMBEDDED = {**_PAPER, "embeds": True}
_ALIGNED = {**_EMBEDDED, "symmetry": "align"}
_SWISH = {**_ALIGNED, "activation": "swish"}
_DENSE = {**_SWISH, "hidden": (33,) * 6, "dense_connections": True}
_RECIPE = {"hidden": (32,) * 3, "activation": "swish", "masses": True, "symmetry": "align", "embeds": False}
LADDER = {
    "ten_nets": _PAPER,
    "embedding": _EMBEDDED,
    "augmentation": {**_EMBEDDED, "symmetry": "augment"},
    "alignment": _ALIGNED,
    "swish": _SWISH,
    "dense": _DENSE,
    "masses": {**_DENSE, "masses": True},
    ENSEMBLE: _RECIPE,
    "small": {**_RECIPE, "hidden": (16, 16)},
}


@dataclass(frozen=True)
class HiggsSettings:
    """The ladder.

    Args:
        path: of the official file; empty: the packaged events.
        methods: rows of the ladder.
        single: rows of one net that Keras trains with callbacks.
        members: nets of an ensemble.
        epochs: of the one cycle, all rows alike.
        n_events: of training and of test at most; None: all.
        drone_hidden, drone_units: units of the drone at the start, and at most.
        copies: of the training events beside themselves, a tenth of a standard deviation away, for the drone.
        max_lut, max_latency_ns: of the FPGA design.
        replicas: of the bootstrap.
        repeats: of each timing.
    """

    path: str = ""
    methods: tuple[str, ...] = tuple(LADDER)
    single: tuple[str, ...] = ("sgdr", "swa", "snapshots", "fge")
    members: int = 10
    epochs: int = 15
    n_events: int | None = None
    drone_hidden: tuple[int, ...] = (16, 8)
    drone_units: int = 24
    copies: int = 1
    max_lut: int = 5000
    max_latency_ns: float = 50.0
    replicas: int = 200
    repeats: int = 9


QUICK = {
    "methods": ("augmentation", ENSEMBLE, "small"),
    "single": ("swa",),
    "members": 3,
    "epochs": 2,
    "n_events": 2000,
    "drone_hidden": (4, 2),
    "drone_units": 6,
    "copies": 0,
    "max_lut": 300,
    "replicas": 10,
    "repeats": 2,
}
