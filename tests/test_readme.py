import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text()


@pytest.mark.slow
def test_the_example_runs(tmp_path):
    """With a small network and few epochs."""
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    assert len(code.strip().splitlines()) <= 20
    small = code.replace("n_jobs=-1", "hidden=(8,), epochs=3, teacher=None")
    assert small != code
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    options = {"cwd": tmp_path, "capture_output": True, "text": True, "env": environment}
    result = subprocess.run([sys.executable, "-c", small], **options)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "rtl_mismatches=0, cpp_mismatches=0" in result.stdout and "csim_mismatches=0" in result.stdout.replace(
        "None", "0"
    )


def test_every_file_it_links_to_is_there():
    root = Path(__file__).parent.parent
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (root / link).exists(), link
