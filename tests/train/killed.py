"""A training that is killed, and goes on from its restart folder."""

import pytest

from codesign._keras import keras


def goes_on(run, epoch, directory):
    """Return what run gives without a break, and what it gives behind one at the start of an epoch.

    Args:
        run: takes callbacks, and directory=None.
        epoch: counted from 0.
        directory: of the restart.
    """

    def kill(begun, logs):
        if begun == epoch:
            raise KeyboardInterrupt

    expected = run()
    with pytest.raises(KeyboardInterrupt):
        run(keras.callbacks.LambdaCallback(on_epoch_begin=kill), directory=directory)
    return expected, run(keras.callbacks.LambdaCallback(), directory=directory)
