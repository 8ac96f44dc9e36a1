"""How each kind of layer becomes nodes: a table from the name of its class to a function, a file for each family.

Layers are recognised by the name of their class and the package it is from, so that tf_keras and Keras 3 are read
alike.
"""

from codesign.read.keras_layers.table import read_call

__all__ = ["read_call"]
