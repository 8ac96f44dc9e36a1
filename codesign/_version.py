"""The version, alone, so that `codesign --version` imports nothing else."""

__version__ = "0.1.0"
