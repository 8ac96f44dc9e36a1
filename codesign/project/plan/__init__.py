"""Plan: a project's trainings and sweep as trials in files, for batch systems that codesign does not talk to."""

from codesign.project.plan.collect import Collected, collect_trials
from codesign.project.plan.plan import Planned, plan_project
from codesign.project.plan.trial import run_trial

__all__ = ["Collected", "Planned", "collect_trials", "plan_project", "run_trial"]
