"""What a fixed-point network of the table is worth and what it costs."""

import numpy as np

from codesign.data import Dataset, Events
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.fpga.rtl.verilog import pipeline_shape
from codesign.metrics.auc import one_vs_rest_aucs
from codesign.network import Network

ADDER_LEVELS_PER_STAGE = 5


def measure(network: Network, data: Dataset, validation: Events) -> dict:
    """Return accuracies and macro AUC of the emulated network, and its adder graph's cost, levels and latency.

    Args:
        validation: events held out of the training.
    """
    graph = trace_circuit(network)
    logits = _logits(network, data.x_test)
    probabilities = np.exp(logits - logits.max(1, keepdims=True))
    probabilities /= probabilities.sum(1, keepdims=True)
    return {
        "test_accuracy": float(np.mean(logits.argmax(1) == data.y_test)),
        "test_auc": float(np.mean(one_vs_rest_aucs(probabilities, data.y_test))),
        "val_accuracy": float(np.mean(_logits(network, validation.x).argmax(1) == validation.y)),
        "adder_cost": graph.adder_cost,
        "adder_levels": graph.adder_levels,
        "latency_cycles": pipeline_shape(graph, ADDER_LEVELS_PER_STAGE).latency_cycles,
        "live_weights": network.n_weights,
    }


def _logits(network: Network, x: np.ndarray) -> np.ndarray:
    """(n_events, n_classes): of a network of one output that of the first class is 0."""
    outputs = network.emulate(x)
    return np.hstack([np.zeros_like(outputs), outputs]) if outputs.shape[1] == 1 else outputs
