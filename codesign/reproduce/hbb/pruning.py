"""Node pruning with gates behind the hidden layers: by share, or by one budget for the whole network."""

from codesign._keras import keras
from codesign.compress import shrink
from codesign.reproduce.hbb.training import Trainer
from codesign.train import GateBudget


def prune_to_share(trainer: Trainer, seed: int, share: float) -> dict:
    """Return the network of a training that keeps this share of each hidden layer's nodes: measure, architecture."""
    hidden = trainer.settings.hidden
    gates = [trainer.gate(max(1, round(share * units))) for units in hidden]
    model = trainer.network(seed, n_features=trainer.data.n_features, hidden=hidden, after=gates)
    trainer.fit_gated(model, seed)
    return {"active_nodes": [gate.n_active for gate in gates], **_shrunk(trainer, model)}


def prune_to_budget(trainer: Trainer, seed: int, macs: int) -> dict:
    """Return the network of one training in which inputs and hidden nodes shared a budget of multiply-accumulates."""
    hidden = trainer.settings.hidden
    gates = [trainer.gate() for _ in (None, *hidden)]
    model = trainer.network(seed, n_features=trainer.data.n_features, hidden=hidden, first=gates[:1], after=gates[1:])
    trainer.fit_gated(model, seed, budget=GateBudget(macs, cost="macs"))
    return {"active_nodes": [gate.n_active for gate in gates], **_shrunk(trainer, model)}


def _shrunk(trainer: Trainer, model: keras.Model) -> dict:
    """Return the measure of the model as it is when it has been made physically smaller, with its sizes.

    A node that passes its gate may still be dead, so the shrunk network can be smaller than the gates say, never
    larger.
    """
    small = shrink(model)
    after = small.report.after
    sizes = {"hidden": list(after.sizes[1:-1]), "macs": after.macs, "parameters": after.parameters}
    return {"features": list(small.features), **sizes, **trainer.measure(small.model, features=small.features)}
