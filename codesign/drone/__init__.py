"""Drones: small networks that imitate any classifier or regressor, and grow until they do."""

from codesign.drone.drone import Drone
from codesign.drone.paper_teacher import paper_teacher, train_paper_teacher
from codesign.drone.teachers import Teacher, as_teacher
from codesign.drone.train_drone import DroneSettings, train_drone

__all__ = ["Drone", "DroneSettings", "Teacher", "as_teacher", "paper_teacher", "train_drone", "train_paper_teacher"]
