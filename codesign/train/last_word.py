"""What a callback does when `fit` ends, behind all others."""

from collections.abc import Callable

from codesign._keras import keras


def call_after_all_callbacks(model: keras.Model, finish: Callable[[], None]) -> bool:
    """Call `finish` once, when the present `fit` of the model ends and every callback has had its `on_train_end`.

    Callbacks such as EarlyStopping put weights back there. Keras calls History, which it adds itself, last.

    Returns:
        Whether it will be called: not outside of a `fit`.
    """
    history = getattr(model, "history", None)
    if history is None:
        return False

    def on_train_end(logs: dict | None = None) -> None:
        del history.on_train_end
        history.on_train_end(logs)
        finish()

    history.on_train_end = on_train_end
    return True
