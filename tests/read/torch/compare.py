"""Compare what is read of every module with PyTorch, in a process of its own; one line of JSON."""

import json
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch

from codesign import load_network
from codesign.errors import CodesignError
from codesign.read import read_file
from tests.read.torch import modules as zoo


def compare(name, folder):
    """The largest difference of each form in which a module may come."""
    module, shapes = zoo.made(name)
    given, few = zoo.events(name, shapes), zoo.events(name, shapes, n=3)
    x = np.concatenate([one.reshape(len(one), -1).numpy() for one in given], 1)
    expected = zoo.outputs(module, given)
    programs = {"any events": zoo.exported(module, few), "three events": zoo.exported(module, few, is_open=False)}
    if name != "products":  # whose parts are taken apart into operators that nothing else has
        programs["core operators"] = programs["any events"].run_decompositions()
    networks = {}
    for form, program in programs.items():
        torch.export.save(program, folder / "model.pt2")
        networks[form] = read_file(folder / "model.pt2").network
    module.train()
    said = shapes[0] if len(shapes) == 1 else {f"input {number}": shape for number, shape in enumerate(shapes)}
    networks["live"] = load_network(module, input_shapes=said)
    assert module.training
    return {form: float(np.abs(one.predict(x) - expected).max()) for form, one in networks.items()}


def refusal(model):
    try:
        return repr(load_network(model))
    except CodesignError as error:
        return str(error)


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        found = {name: compare(name, Path(folder)) for name in zoo.MODULES}
        torch.save(torch.nn.Linear(4, 2).state_dict(), Path(folder, "model.pt"))
        refusals = {
            "what Conv1d takes.*input_shapes=": torch.nn.Conv1d(2, 3, 1),
            "expected a torch.nn.Module": torch.zeros(3),
            "4-2, 8 weights": torch.nn.Linear(4, 2),
            "node 'cdist' .aten.cdist.*has": torch.export.export(Distance(), (torch.zeros(2, 4),)),
            "torch.export follows for inputs of": Branching(),
            "a file of PyTorch; build the module, load_state_dict.*torch.export.save": str(Path(folder, "model.pt")),
        }
        refusals = {expected: refusal(model) for expected, model in refusals.items()}
    assert "tensorflow" not in sys.modules
    print(json.dumps({"modules": found, "refusals": refusals}))


class Distance(torch.nn.Module):
    def forward(self, x):
        return torch.cdist(x, x)


class Branching(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.linear(x) if float(x.sum()) > 1 else x


if __name__ == "__main__":
    main()
