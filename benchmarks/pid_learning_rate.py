#!/usr/bin/env python3
"""Which learning rate each method of `codesign reproduce pid` likes best, on tracks held out from the training ones.

    python benchmarks/pid_learning_rate.py [--json PATH] [--peer PYTHON] [--rates RATE ...]

The test tracks are not looked at, and the table itself is made with tracks of another generator seed.
"""

import argparse
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # TensorFlow's graph optimizer reports on itself otherwise

import numpy as np
from result import write_result

from codesign.cli.json_option import add_json_option, json_on_standard_output
from codesign.data import load_pid
from codesign.reproduce.pid.methods import trainings
from codesign.reproduce.pid.peer import run_peer
from codesign.reproduce.pid.settings import PidSettings
from codesign.reproduce.pid.training import Trainer

METHODS = ("dense-150", "dense-30", "magnitude-609", "magnitude-spared-609", "variational-609", "gate-30", "ternary")
RATES = (0.005, 0.01, 0.02, 0.04)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--peer", metavar="PYTHON", help="interpreter with pytorch-ard, to scan the peer too")
    parser.add_argument("--rates", type=float, nargs="+", default=RATES, metavar="RATE")
    options = parser.parse_args()
    with json_on_standard_output(options):
        _run(options)


def _run(options: argparse.Namespace) -> None:
    data, held = load_pid(seed=0).standardized(low=-8.0, high=8.0).hold_out(0.1)
    data = data.with_events(test=held)
    rows = []
    for rate in options.rates:
        settings = PidSettings(learning_rate=rate, tune_rate=rate, ternary_rate=rate, peer_rate=rate)
        trainer = Trainer(data, settings, seed=0)
        results = {}
        for name, train in trainings(settings):
            if name in METHODS:
                results |= train(trainer)
        if options.peer:
            results |= run_peer(options.peer, data, settings, 0, settings.peer_kl[1])
        found = [
            {"method": name, "rate": rate, "auc_mean": float(np.mean(one["aucs"]))} for name, one in results.items()
        ]
        rows += found
        print(*(f"{row['method']} rate {rate:g}: {row['auc_mean']:.5f}" for row in found), sep="\n", flush=True)
    write_result("pid_learning_rate", data.kind, rows, [], path=options.json, seeds=[0])


if __name__ == "__main__":
    main()
