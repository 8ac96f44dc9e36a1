"""`codesign reproduce b_decay`: drones that tell B decays from charm decays, on the paper's own events."""

from functools import partial

from codesign.reproduce.drones import run as run_drones

run = partial(run_drones, "b_decay")
