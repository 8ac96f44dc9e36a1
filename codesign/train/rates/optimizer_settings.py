"""The learning rate and the momentum of an optimizer of any kind, as variables that a compiled step reads."""

from types import MethodType

from codesign._keras import keras, tf
from codesign.errors import ConfigError

_MOMENTA = ("beta_1", "momentum")  # of Adam and its kin, and of SGD
_FIXED = (keras.optimizers.RMSprop,)  # these ask for the momentum while their step is compiled


def inner_optimizer(model: keras.Model, owner: str) -> keras.optimizers.Optimizer:
    """Return the optimizer of a model; of one that scales losses, that inside.

    Raises:
        ConfigError: for a model that is not compiled.
    """
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        raise ConfigError(f"{owner}: expected a compiled model. Received: '{model.name}', without; call model.compile")
    return getattr(optimizer, "inner_optimizer", optimizer)


def rate_variable(optimizer: keras.optimizers.Optimizer, owner: str) -> tf.Variable:
    """Return the learning rate.

    Args:
        owner: who sets it, for the message.

    Raises:
        ConfigError: where a schedule sets it.
    """
    given = optimizer.get_config()["learning_rate"]
    if isinstance(given, dict):
        raise ConfigError(
            f"learning_rate: expected a number where {owner} sets it. Received: {given.get('class_name', 'a schedule')}"
            "; compile with a number, such as Adam(1e-3)"
        )
    return optimizer.learning_rate


class Momentum:
    """The momentum of an optimizer, for as long as a callback moves it.

    Keras's present optimizers hold it as a number that is compiled into the training step: it becomes a variable, and
    the step is compiled anew, once at the start and once for a later `fit` without the callback.

    Args:
        model: compiled.
        owner: who sets it, for messages.

    Raises:
        ConfigError: for an optimizer that has none, or 0, or does not let it move.
    """

    def __init__(self, model: keras.Model, owner: str) -> None:
        self._model, self._optimizer = model, inner_optimizer(model, owner)
        self._name = _name_of(self._optimizer, owner)
        given = getattr(self._optimizer, self._name)
        self._is_own = not isinstance(given, tf.Variable)
        self._before = float(given)
        self._variable = tf.Variable(self._before, trainable=False, name=self._name) if self._is_own else given
        if self._is_own:
            self._put(self._variable)
            self._optimizer.get_config = MethodType(self._config, self._optimizer)
            model.make_train_function(force=True)

    def assign(self, value: float) -> None:
        """Set it."""
        self._variable.assign(value)

    def put_back(self) -> None:
        """The number that it was."""
        if not self._is_own:
            self._variable.assign(self._before)
            return
        self._put(self._before)
        del self._optimizer.get_config
        self._model.train_function = None  # it reads a variable that goes

    def _put(self, value: object) -> None:
        object.__setattr__(self._optimizer, self._name, value)  # past the tracking: checkpoints stay as they are

    def _config(self, optimizer: keras.optimizers.Optimizer) -> dict:
        return {**type(optimizer).get_config(optimizer), self._name: float(self._variable)}


def _name_of(optimizer: keras.optimizers.Optimizer, owner: str) -> str:
    kind = type(optimizer).__name__
    cure = "; compile with Adam(), or SGD(momentum=0.9), or leave it alone by momentum=None"
    name = next((one for one in _MOMENTA if hasattr(optimizer, one)), None)
    if name is None:
        raise ConfigError(f"optimizer: expected one with momentum, which {owner} moves. Received: {kind}{cure}")
    if isinstance(optimizer, _FIXED):
        raise ConfigError(
            f"optimizer: expected one whose momentum can move. Received: {kind}, which cannot once it is compiled{cure}"
        )
    if not float(getattr(optimizer, name)) > 0:
        raise ConfigError(f"optimizer: expected a {name} above 0, which {owner} moves. Received: {kind} with 0{cure}")
    return name
