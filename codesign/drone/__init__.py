"""Knowledge distillation: drones are students, small networks that grow until they imitate any teacher."""

from codesign.drone.drone import Drone
from codesign.drone.fidelity import Fidelity, Region, measure_fidelity
from codesign.drone.probes import bootstrap_probes, box_probes, copula_of, copula_probes
from codesign.drone.settings import DroneSettings
from codesign.drone.table_drone import TableDrone, TableDroneSettings
from codesign.drone.teachers.files import load_teacher
from codesign.drone.teachers.paper import paper_teacher, train_paper_teacher
from codesign.drone.teachers.teacher import Teacher, as_teacher
from codesign.drone.train_drone import train_drone

__all__ = [
    "Drone",
    "DroneSettings",
    "Fidelity",
    "Region",
    "TableDrone",
    "TableDroneSettings",
    "Teacher",
    "as_teacher",
    "bootstrap_probes",
    "box_probes",
    "copula_of",
    "copula_probes",
    "load_teacher",
    "measure_fidelity",
    "paper_teacher",
    "train_drone",
    "train_paper_teacher",
]
