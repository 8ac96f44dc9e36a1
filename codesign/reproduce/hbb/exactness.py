"""Does the gate keep exactly the count that it was given? Many small trainings with random sizes, counts and seeds."""

import numpy as np

from codesign._keras import keras
from codesign.compress import shrink
from codesign.layers import TopKGate
from codesign.train import GateSchedule


def count_active(seed: int) -> dict:
    """Train one small network with a gate before and one behind the hidden layer, everything drawn from the seed.

    Returns:
        ``asked`` and ``active``: counts of both gates, before and after; ``read``: features that the shrunk network
        reads, which can be fewer when a node died, never more; ``sizes``: of the network; ``is_exact``.
    """
    rng = np.random.default_rng(seed)
    n_features, n_nodes = int(rng.integers(2, 41)), int(rng.integers(2, 65))
    asked = [int(rng.integers(1, n_features + 1)), int(rng.integers(1, n_nodes + 1))]
    n_events, batch_size, epochs = int(rng.integers(50, 400)), int(rng.integers(10, 65)), int(rng.integers(1, 6))
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    gates = [TopKGate(count, score_scale=float(rng.uniform(0.3, 3))) for count in asked]
    dense = [keras.layers.Dense(n_nodes, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential([keras.Input((n_features,)), gates[0], dense[0], gates[1], dense[1]])
    x = rng.normal(size=(n_events, n_features)).astype(np.float32)
    y = (x[:, 0] + rng.normal(size=n_events) > 0).astype(np.float32)
    model.compile(keras.optimizers.Adam(float(rng.uniform(1e-3, 3e-2))), "binary_crossentropy")
    model.fit(x, y, batch_size=batch_size, epochs=epochs, verbose=0, callbacks=[GateSchedule()])
    active = [gate.n_active for gate in gates]
    read = len(shrink(model).features)
    is_exact = active == asked and all(gate.is_settled for gate in gates) and read <= asked[0]
    return {"asked": asked, "active": active, "read": read, "sizes": [n_features, n_nodes], "is_exact": is_exact}
