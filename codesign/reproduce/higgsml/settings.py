"""What the ladder trains: each row one change to the one above, then nets of other sizes, one of them the recipe."""

from dataclasses import dataclass

RECIPE, DRONE, TIMES, COSTS, LUMIN, XGBOOST = "recipe", "drone", "times", "costs", "lumin", "xgboost"
FPGA, FPGA_RAW = "fpga", "fpga_raw"
NARROW = "narrow"
TITLES = {
    "ten_nets": "10 nets, 4 x 100 ReLU",
    "embedding": "+ embedding of the jet number",
    "augmentation": "+ augmentation, 8 copies",
    "alignment": "alignment instead",
    "swish": "+ swish",
    "dense": "+ dense connections, 6 x 33",
    "masses": "+ masses of pairs",
    NARROW: "3 x 32, no embedding",
    "two_layers": "2 x 32",
    "narrower": "3 x 24",
    "small": "2 x 16",
    RECIPE: "recipe: best of these four on validation",
    "sgdr": "1 net of 3 x 32, SGDR",
    "swa": "1 net, SWA",
    "snapshots": "1 net, 4 snapshots (SSE)",
    "fge": "1 net, FGE",
}
_PAPER = {"hidden": (100,) * 4, "activation": "relu", "masses": False, "symmetry": "none", "embeds": False}
_EMBEDDED = {**_PAPER, "embeds": True}
_ALIGNED = {**_EMBEDDED, "symmetry": "align"}
_SWISH = {**_ALIGNED, "activation": "swish"}
_DENSE = {**_SWISH, "hidden": (33,) * 6, "dense_connections": True}
_NARROW = {"hidden": (32,) * 3, "activation": "swish", "masses": True, "symmetry": "align", "embeds": False}
LADDER = {
    "ten_nets": _PAPER,
    "embedding": _EMBEDDED,
    "augmentation": {**_EMBEDDED, "symmetry": "augment"},
    "alignment": _ALIGNED,
    "swish": _SWISH,
    "dense": _DENSE,
    "masses": {**_DENSE, "masses": True},
    NARROW: _NARROW,
    "two_layers": {**_NARROW, "hidden": (32, 32)},
    "narrower": {**_NARROW, "hidden": (24,) * 3},
    "small": {**_NARROW, "hidden": (16, 16)},
}


@dataclass(frozen=True)
class HiggsSettings:
    """The ladder.

    Args:
        path: of the official file; empty: the packaged events.
        methods: rows of the ladder.
        candidates: those of which the recipe is the one with the highest weighted AUC on a seed's validation events:
            networks that are small enough to be fast.
        single: rows of one net that Keras trains with callbacks.
        members: nets of an ensemble.
        epochs: of the one cycle, all rows alike.
        n_events: of training and of test at most; None: all.
        drones: units of each hidden layer of the drones at the start, of which that with the lowest loss on validation
            events is kept.
        drone_units: of a layer at most.
        copies: of the training events beside themselves, a tenth of a standard deviation away, for the drone.
        gate_copies: of the training events beside themselves, turned and mirrored, for the design of raw columns.
        max_lut, max_latency_ns: of the FPGA designs, by estimate: nine tenths of the LUTs that the goal allows.
        bag: boosted ensembles of XGBoost, averaged.
        replicas: of the bootstrap.
        repeats: of each timing.
    """

    path: str = ""
    methods: tuple[str, ...] = tuple(LADDER)
    candidates: tuple[str, ...] = (NARROW, "two_layers", "narrower", "small")
    single: tuple[str, ...] = ("sgdr", "swa", "snapshots", "fge")
    members: int = 10
    epochs: int = 15
    n_events: int | None = None
    drones: tuple[tuple[int, ...], ...] = ((12,), (16, 8))
    drone_units: int = 24
    copies: int = 1
    gate_copies: int = 3
    max_lut: int = 4_500
    max_latency_ns: float = 50.0
    bag: int = 10
    replicas: int = 200
    repeats: int = 9


QUICK = {
    "methods": ("augmentation", NARROW, "small"),
    "candidates": (NARROW, "small"),
    "single": ("swa",),
    "members": 3,
    "epochs": 2,
    "n_events": 2000,
    "drones": ((4,), (4, 2)),
    "drone_units": 6,
    "copies": 0,
    "gate_copies": 1,
    "max_lut": 300,
    "bag": 2,
    "replicas": 10,
    "repeats": 2,
}
