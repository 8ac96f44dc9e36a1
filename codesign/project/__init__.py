"""One folder of fpga_projects: read project.yml, train, sweep, pick, build, prove, report."""

from codesign._lazy_names import lazy_names

_MODULES = {
    "CheckedProject": "check",
    "ProjectConfig": "config",
    "check_project": "check",
    "read_project": "config",
    "run_project": "run",
    "write_redesign": "redesign",
}

__all__ = ["CheckedProject", "ProjectConfig", "check_project", "read_project", "run_project", "write_redesign"]
__getattr__ = lazy_names(__name__, {name: f"codesign.project.{module}" for name, module in _MODULES.items()})
