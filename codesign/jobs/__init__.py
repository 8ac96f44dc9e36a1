"""Jobs: one runner of all parallel work, in this process, in processes of this computer, or on a Dask cluster."""

from codesign.jobs.context import Context
from codesign.jobs.runner import Runner, running

__all__ = ["Context", "Runner", "running"]
