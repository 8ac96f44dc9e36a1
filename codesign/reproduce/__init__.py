"""The papers' tables, each by one command: ``codesign reproduce NAME``.

Every room or file NAME here has ``run(*, json_path, quick, seeds, out, ...)``, which prints a table with its kind of
data, writes plots and the JSON of :mod:`codesign.reproduce.result`, and goes on where it was when it was stopped.
"""
