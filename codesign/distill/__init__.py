"""Knowledge distillation from end to end: a teacher, its student (the drone), and the student's files, checked."""

from codesign.distill.distillation import lock_drone_folder, run_drone
from codesign.distill.tables import run_table_drone

__all__ = ["lock_drone_folder", "run_drone", "run_table_drone"]
