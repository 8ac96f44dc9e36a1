import os
import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_example_runs(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    assert len(code.strip().splitlines()) <= 20
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "csim_mismatches=0, rtl_mismatches=0" in result.stdout
    # Two implementations lie close together, the training's last digit decides: yosys counts an unrolled pick.
    assert "'source': 'yosys'" in result.stdout or "'implementation': 'hls4ml" in result.stdout


def test_every_file_it_links_to_is_there():
    root = Path(__file__).parent.parent
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (root / link).exists(), link
