"""Cross-layer equalisation: what passes between PosteriorDense layers gets one size, the network stays the same."""

import numpy as np

from codesign.layers import PosteriorDense

_LARGEST_SHIFT = 6  # what is further away is nearly dead, and its weights would only need wider types


def equalize_scales(before: PosteriorDense, after: PosteriorDense) -> None:
    """Scale each value between two layers by the power of two that brings its root mean square next to 1.

    As in Nagel et al. 2019 (arXiv:1906.04721), nothing else changes: relu is homogeneous, so ``w_in 2^-s`` with ``w_out
    2^s``, and all noises likewise, are the same network, to the bit. Trained scales differ by hundreds, since only
    ratios of signal and noise cost anything, and one learning rate then suits few of the weights.

    Args:
        before, after: in a row, with relu or nothing in between, before their collapse.
    """
    shift = np.clip(
        np.round(0.5 * np.log2(np.maximum(after.mean_square.numpy(), 1e-12))), -_LARGEST_SHIFT, _LARGEST_SHIFT
    )
    unit, log_power = np.exp2(shift).astype(np.float32), (2 * np.log(2) * shift).astype(np.float32)
    before.kernel.assign(before.kernel / unit)
    before.bias.assign(before.bias / unit)
    before.log_sigma2.assign_sub(np.broadcast_to(log_power, before.log_sigma2.shape))
    after.kernel.assign(after.kernel * unit[:, np.newaxis])
    after.log_sigma2.assign_add(np.broadcast_to(log_power[:, np.newaxis], after.log_sigma2.shape))
    after.log_tau2.assign_sub(log_power)
    after.mean_square.assign(after.mean_square / unit**2)
