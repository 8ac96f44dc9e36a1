"""Knowledge distillation: drones are students, small networks that grow until they imitate any teacher."""

from codesign._lazy_names import lazy_names

_NAMES = {
    "codesign.drone.drone": "Drone",
    "codesign.drone.fidelity": "Fidelity Region measure_fidelity",
    "codesign.drone.probes": "bootstrap_probes box_probes copula_of copula_probes",
    "codesign.drone.settings": "DroneSettings",
    "codesign.drone.table_drone": "TableDrone TableDroneSettings",
    "codesign.drone.teachers.files": "load_teacher",
    "codesign.drone.teachers.paper": "paper_teacher train_paper_teacher",
    "codesign.drone.teachers.teacher": "Teacher as_teacher",
    "codesign.drone.training": "train_drone",
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

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
__getattr__ = lazy_names(__name__, _MODULES)
