"""The trainings of the table: each trains one network of one seed and returns the rows that come out of it."""

from collections.abc import Callable, Iterator
from functools import partial

from codesign._keras import keras
from codesign.layers import TernaryDense
from codesign.reproduce.pid.magnitude import fit_output_spared, fit_uniform
from codesign.reproduce.pid.networks import binary_nets, dense_net, gated_net, normalized_net
from codesign.reproduce.pid.settings import HIDDEN, PidSettings
from codesign.reproduce.pid.training import Trainer
from codesign.reproduce.pid.variational import fit_variational, keep_and_tune
from codesign.train import GateSchedule, copy_weights

Training = Callable[[Trainer], dict[str, dict]]


def trainings(settings: PidSettings) -> Iterator[tuple[str, Training]]:
    """Yield name and training; what a training returns is keyed by the names of rows."""
    for units in (HIDDEN, *settings.small):
        yield f"dense-{units}", partial(_small, units=units)
    for count, kl_weight in settings.kl_weights:
        yield f"variational-{count}", partial(_variational, count=count, kl_weight=kl_weight)
    for count in settings.uniform:
        yield f"magnitude-{count}", partial(_uniform, count=count)
    for count, share in settings.magnitude:
        yield f"magnitude-spared-{count}", partial(_spared, count=count, output_share=share)
    yield "ternary", _ternary
    for count in settings.gates:
        yield f"gate-{count}", partial(_gated, count=count)
    yield "binary", _binary


def saved_models(name: str) -> list[str]:
    """Return the names of the models that a training saves."""
    return [name, name.replace("-", "-published-")] if name.startswith("variational") else [name]


def _small(trainer: Trainer, units: int) -> dict[str, dict]:
    keras.utils.set_random_seed(trainer.seed)
    model = trainer.fit(dense_net(units), trainer.settings.total_epochs)
    return _measured(trainer, f"dense-{units}", model)


def _binary(trainer: Trainer) -> dict[str, dict]:
    keras.utils.set_random_seed(trainer.seed)
    model = trainer.fit(
        binary_nets(), trainer.settings.total_epochs, loss="binary_crossentropy", labels=trainer.one_hot_labels()
    )
    return {"binary": trainer.measure_binary(model, "binary")}


def _ternary(trainer: Trainer) -> dict[str, dict]:
    keras.utils.set_random_seed(trainer.seed)
    pretrained = trainer.fit(normalized_net(keras.layers.Dense(HIDDEN)), trainer.settings.pretrain_epochs)
    model = normalized_net(TernaryDense(HIDDEN, **dict(trainer.settings.ternary)))
    copy_weights(pretrained, model)
    return _measured(
        trainer, "ternary", trainer.fit(model, trainer.settings.epochs, rate=trainer.settings.ternary_rate)
    )


def _variational(trainer: Trainer, count: int, kl_weight: float) -> dict[str, dict]:
    model = fit_variational(trainer, kl_weight)
    published = _measured(trainer, f"variational-published-{count}", model)
    return published | _measured(trainer, f"variational-{count}", keep_and_tune(trainer, model, count))


def _uniform(trainer: Trainer, count: int) -> dict[str, dict]:
    return _measured(trainer, f"magnitude-{count}", fit_uniform(trainer, count))


def _spared(trainer: Trainer, count: int, output_share: float) -> dict[str, dict]:
    return _measured(trainer, f"magnitude-spared-{count}", fit_output_spared(trainer, count, output_share))


def _gated(trainer: Trainer, count: int) -> dict[str, dict]:
    pretrained, model = trainer.pretrained(), gated_net(count)
    copy_weights(pretrained, model)
    trainer.fit(model, trainer.settings.epochs, callbacks=[GateSchedule()], acts_on_steps=True)
    return _measured(trainer, f"gate-{count}", model)


def _measured(trainer: Trainer, name: str, model: keras.Model) -> dict[str, dict]:
    return {name: trainer.measure(model, name)}
