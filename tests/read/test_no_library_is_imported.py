"""Reading a file imports neither the library that wrote it nor Keras: one process reads a file of each kind."""

import json
import os
import subprocess
import sys
from pathlib import Path

READ = Path(__file__).parent
ROOT = READ.parents[1]
FILES = [
    READ / "torch" / "golden" / "tagger.pt2",
    READ / "torch" / "golden" / "old.pt2",
    READ / "sklearn" / "golden" / "columns.skops",
    READ / "sklearn" / "golden" / "boosted.skops",
    READ / "golden" / "onnx" / "torch_residual_dynamo.onnx",
    READ / "golden" / "onnx" / "brevitas_qonnx.onnx",
    READ / "golden" / "hgq" / "3.keras",
    *sorted((READ / "golden" / "tflite").glob("*.tflite"))[:1],
    READ / "hls4ml_project" / "golden" / "vivado_0_6_0_0.tar.gz",
    ROOT / "tests" / "forests" / "golden" / "xgboost.ubj",
    ROOT / "tests" / "forests" / "golden" / "lightgbm.txt",
]
LIBRARIES = ("tensorflow", "keras", "tf_keras", "qkeras", "torch", "onnx", "onnxruntime", "sklearn", "skops", "xgboost",
             "lightgbm", "hls4ml", "numba")  # fmt: skip
SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
from codesign import Network
sizes = [Network.load(path).n_outputs for path in sys.argv[1:]]
print(json.dumps({"sizes": sizes, "modules": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


def test_files_are_read_by_this_package_alone():
    command = [sys.executable, "-c", SCRIPT, *map(str, FILES)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=True)
    found = json.loads(ran.stdout)
    assert len(found["sizes"]) == len(FILES)
    assert not set(LIBRARIES) & set(found["modules"])
