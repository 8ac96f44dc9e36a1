"""Compile the small programs that call a runtime, once per set of sources and options."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from codesign.tools.run import run_tool

NATIVE = Path(__file__).parent / "native"
_OPTIONS = ("-O3", "-march=native", "-w")
_STANDARDS = {".c": ("gcc", "-std=gnu11"), ".cpp": ("g++", "-std=c++17")}
_TIMEOUT_S = 600.0


def compile_program(source: str, folder: Path, *, options: Sequence[str] = (), headers: Sequence[Path] = ()) -> str:
    """Return the program of one source file of ``native/`` and the harness.

    What is already in the folder is not compiled again.

    Args:
        source: name in ``native/``.
        folder: where the program goes.
        options: of the compiler, for this source only.
        headers: generated files that the source includes; their folders are searched, their contents tell programs
            apart.

    Raises:
        ToolError: if the compiler is missing or fails.
    """
    files = [*sorted(NATIVE.iterdir()), *headers]
    digest = hashlib.sha256(
        "\0".join(options).encode() + b"".join(file.read_bytes() for file in files if file.is_file())
    )
    program = folder / f"{Path(source).stem}-{digest.hexdigest()[:16]}"
    if program.exists():
        return str(program)
    include = [f"-I{header.parent}" for header in headers]
    objects = [_compile(NATIVE / source, program, [*options, *include]), _compile(NATIVE / "harness.cpp", program, ())]
    partial = program.with_suffix(".partial")
    run_tool(
        ["g++", *objects, "-o", str(partial), "-ldl", "-lm"], cwd=folder, log=folder / "link.log", timeout_s=_TIMEOUT_S
    )
    shutil.move(partial, program)
    return str(program)


def _compile(source: Path, program: Path, options: Sequence[str]) -> str:
    compiler, standard = _STANDARDS[source.suffix]
    made = f"{program}-{source.stem}.o"
    command = [compiler, standard, *_OPTIONS, f"-I{NATIVE}", *options, "-c", str(source), "-o", made]
    run_tool(
        command, cwd=program.parent, log=program.parent / f"{source.stem}.log", timeout_s=_TIMEOUT_S, name=compiler
    )
    return made
