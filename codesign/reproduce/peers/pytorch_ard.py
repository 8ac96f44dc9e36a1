#!/usr/bin/env python3
"""pytorch-ard (github.com/HolyBayes/pytorch_ard) on the tracks of ``codesign reproduce pid``.

    python pytorch_ard.py TRACKS.npz --json RESULT.json --kl 12 18 30 --epochs 50 [--seeds 0 1 2] [--batch 1024] [--rate
    0.01]

It needs pytorch-ard 0.2.4, torch and numpy, and nothing of codesign. TRACKS.npz holds x_train, y_train, x_test, y_test.
The network is LinearARD(59, 150), ReLU, LinearARD(150, 6), trained from the library's own start by Adam along a cosine;
the loss is the library's ELBOLoss with the KL term over the number of training events, 0 until a tenth of the epochs,
then linear to its full weight at 0.4. The JSON lists one result per seed and KL weight: live weights (those of dead
hidden units do not count), live hidden units, six AUCs.
"""

import argparse
import json
import math
import sys
import time

import numpy as np
import torch
from torch_ard import ELBOLoss, LinearARD

KL_START, KL_END = 0.1, 0.4


def roc_auc(scores: np.ndarray, is_signal: np.ndarray) -> float:
    """Return the area under the ROC curve by ranks; equal scores share their mean rank."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n = int(is_signal.sum())
    return float((ranks[is_signal].sum() - n * (n + 1) / 2) / (n * (len(scores) - n)))


def live_size(kernels: list[np.ndarray]) -> tuple[int, int]:
    """Return live weights and live hidden units of two kernels (n_in, n_hidden), (n_hidden, n_out)."""
    alive = (kernels[0] != 0).any(0) & (kernels[1] != 0).any(1)
    return int(np.count_nonzero(kernels[0][:, alive]) + np.count_nonzero(kernels[1][alive])), int(alive.sum())


def fit(
    model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor, kl_weight: float, options: argparse.Namespace
) -> None:
    """Train in place."""
    criterion = ELBOLoss(model, torch.nn.functional.cross_entropy)
    optimizer = torch.optim.Adam(model.parameters(), lr=options.rate)
    steps = math.ceil(len(x) / options.batch)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.epochs * steps)
    model.train()
    for epoch in range(options.epochs):
        progress = (epoch + 1) / options.epochs
        factor = kl_weight * min(1.0, max(0.0, (progress - KL_START) / (KL_END - KL_START))) / len(x)
        order = torch.randperm(len(x))
        for start in range(0, len(x), options.batch):
            chosen = order[start : start + options.batch]
            optimizer.zero_grad(set_to_none=True)
            criterion(model(x[chosen]), y[chosen], 1.0, factor).backward()
            optimizer.step()
            rate.step()


def run(arrays: dict[str, np.ndarray], seed: int, kl_weight: float, options: argparse.Namespace) -> dict:
    """Return one result."""
    torch.manual_seed(seed)
    x, y = torch.from_numpy(arrays["x_train"]), torch.from_numpy(arrays["y_train"].astype(np.int64))
    layers = LinearARD(x.shape[1], options.hidden), torch.nn.ReLU(), LinearARD(options.hidden, int(y.max()) + 1)
    model = torch.nn.Sequential(*layers)
    start = time.process_time()
    fit(model, x, y, kl_weight, options)
    seconds = time.process_time() - start
    model.eval()
    with torch.no_grad():
        scores = torch.softmax(model(torch.from_numpy(arrays["x_test"])), 1).double().numpy()
    kernels = [layer.weights_clipped.detach().numpy().T for layer in (model[0], model[2])]
    live_weights, live_units = live_size(kernels)
    aucs = [roc_auc(scores[:, label], arrays["y_test"] == label) for label in range(scores.shape[1])]
    size = {"live_weights": live_weights, "live_units": live_units}
    return {"seed": seed, "kl_weight": kl_weight, **size, "aucs": aucs, "train_cpu_s": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tracks", metavar="TRACKS.npz")
    parser.add_argument("--json", required=True, metavar="PATH")
    parser.add_argument("--kl", type=float, nargs="+", default=[12.0, 18.0, 30.0], help="weights of the KL term")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=0.01, help="of Adam at the start")
    parser.add_argument("--hidden", type=int, default=150)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # pruned weights would otherwise slow every product down
    with np.load(options.tracks) as stored:
        arrays = {name: stored[name] for name in stored.files}
    results = []
    for seed in options.seeds:
        for kl_weight in options.kl:
            results.append(run(arrays, seed, kl_weight, options))
            print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    with open(options.json, "w") as file:
        json.dump({"package": "pytorch-ard 0.2.4", "torch": torch.__version__, "results": results}, file, indent=1)


if __name__ == "__main__":
    main()
