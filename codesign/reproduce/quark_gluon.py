"""`codesign reproduce quark_gluon`: drones of networks and trees that tell quark jets from gluon jets."""

from functools import partial

from codesign.reproduce.drones import run as run_drones

run = partial(run_drones, "quark_gluon")
