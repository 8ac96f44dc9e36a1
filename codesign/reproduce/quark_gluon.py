"""`codesign reproduce quark_gluon`: drones of networks and trees that tell quark jets from gluon jets."""

from functools import partial

from codesign.reproduce.drones import make_study as study_of_task

make_study = partial(study_of_task, "quark_gluon")
