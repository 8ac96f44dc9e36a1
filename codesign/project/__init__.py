"""One folder of fpga_projects: read project.yml, train, sweep, pick, build, prove, report."""

from codesign.project.check import CheckedProject, check_project
from codesign.project.config import ProjectConfig, read_project
from codesign.project.redesign import write_redesign
from codesign.project.run import run_project

__all__ = ["CheckedProject", "ProjectConfig", "check_project", "read_project", "run_project", "write_redesign"]
