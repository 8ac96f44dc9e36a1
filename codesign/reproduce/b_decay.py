"""`codesign reproduce b_decay`: drones that tell B decays from charm decays, on the paper's own events."""

from functools import partial

from codesign.reproduce.drones import make_study as study_of_task

make_study = partial(study_of_task, "b_decay")
