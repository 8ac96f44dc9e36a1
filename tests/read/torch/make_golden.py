"""Write the files of ``golden/``: programs of this PyTorch, and what its modules give for some events.

``old.pt2`` is in the layout of PyTorch 2.1 to 2.6: the same program, its tensors as torch.save writes them.
"""

import io
import zipfile
from pathlib import Path

import numpy as np
import torch

from tests.read.torch.modules import events, exported, made, outputs

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("tagger", "residual", "transformer", "lstm", "two inputs")


def write(name, path):
    module, shapes = made(name)
    given = events(name, shapes, n=5)
    torch.export.save(exported(module, given), path)
    without_traces(path)
    return {"x": np.concatenate([one.reshape(5, -1).numpy() for one in given], 1), "y": outputs(module, given)}


def without_traces(path):
    """Leave out the example and the lines of source, which name this machine's folders."""
    import json

    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            if "sample_inputs" in name:
                continue
            if name.endswith("models/model.json"):
                program = json.loads(content)
                for node in program["graph_module"]["graph"]["nodes"]:
                    metadata = node.get("metadata", {})
                    node["metadata"] = {key: metadata[key] for key in ("nn_module_stack",) if key in metadata}
                content = json.dumps(program).encode()
            archive.writestr(name, content)


def main():
    GOLDEN.mkdir(exist_ok=True)
    arrays = {}
    for name in NAMES:
        path = GOLDEN / f"{name.replace(' ', '_')}.pt2"
        arrays |= {f"{path.stem}_{key}": value for key, value in write(name, path).items()}
    module, _ = made("tagger")
    buffer = io.BytesIO()
    torch.save({**module.state_dict(), **dict(module.named_parameters())}, buffer)  # parameters, as in a program
    with zipfile.ZipFile(GOLDEN / "tagger.pt2") as new, zipfile.ZipFile(GOLDEN / "old.pt2", "w") as old:
        program = next(name for name in new.namelist() if name.endswith("models/model.json"))
        old.writestr("serialized_exported_program.json", new.read(program))
        old.writestr("serialized_state_dict.pt", buffer.getvalue())
        old.writestr("serialized_constants.pt", b"")
        old.writestr("version", "6.1")
    arrays |= {f"old_{key}": arrays[f"tagger_{key}"] for key in "xy"}
    np.savez_compressed(GOLDEN / "outputs.npz", **arrays)


if __name__ == "__main__":
    main()
