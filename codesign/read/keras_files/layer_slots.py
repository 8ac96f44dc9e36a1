"""The weights of a layer and of all layers inside it, as a file of weights lists them."""

from collections.abc import Iterator

from codesign.read.keras_files.configuration import Layer
from codesign.read.keras_files.weight_order import slots


def all_slots(layer: Layer, *, trainable: bool = True) -> Iterator[tuple[Layer, str | None, bool]]:
    """Yield the owner of each weight, its name and whether it is trained; None as the name for an unknown kind.

    Args:
        trainable: whether what the layer is in is trained.
    """
    trainable = trainable and bool(layer.config.get("trainable", True))
    own = () if layer.model is not None else slots(layer.kind, layer.config)
    if own is None and not layer.inner:
        yield layer, None, False
    for name, is_trained in own or ():
        yield layer, name, trainable and is_trained
    for one in [*layer.inner.values(), *layer.cells, *(layer.model.layers if layer.model else ())]:
        if one.kind != "InputLayer":
            known = slots(one.kind, one.config) is not None or one.inner or one.cells or one.model
            if known:
                yield from all_slots(one, trainable=trainable)
