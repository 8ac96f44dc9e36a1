"""The layers of a model in a row, whichever Keras built it: nothing is imported here."""

from codesign.errors import UnsupportedLayerError

# What does nothing at inference.
INERT = (
    "InputLayer",
    "Identity",
    "Dropout",
    "AlphaDropout",
    "GaussianNoise",
    "GaussianDropout",
    "ActivityRegularization",
)


def chain_layers(model: object) -> list[object]:
    """Return the layers of a Sequential or functional chain in order, nested models and TFMOT's pruning wrappers opened.

    Raises:
        UnsupportedLayerError: for anything but a built Keras model whose layers form one chain.
    """
    _check_chain(model)
    flat = []
    for layer in model.layers:
        if hasattr(layer, "layers"):
            flat += chain_layers(layer)
        else:
            flat.append(layer.layer if type(layer).__name__ == "PruneLowMagnitude" else layer)
    return flat


def _check_chain(model: object) -> None:
    """A graph with one input, one output and no layer used twice is a chain, since layers with two inputs are refused later."""
    if not hasattr(model, "layers"):
        raise UnsupportedLayerError(f"model: expected a Keras model. Received: {type(model).__name__}")
    if not _inputs(model):
        kind = type(model).__name__
        cure = (
            "start it with keras.Input((n_features,)), or call it on an event"
            if kind == "Sequential"
            else "build it as keras.Sequential or keras.Model(inputs, outputs), whose layers can be followed"
        )
        raise UnsupportedLayerError(
            f"model: expected a model that knows its inputs. Received: an unbuilt or subclassed {kind}; {cure}"
        )
    if _calls_its_own(model):
        raise UnsupportedLayerError(
            f"model: expected layers that Keras calls one after the other. Received: {type(model).__name__}, which has a call() of its own; "
            "build it as keras.Sequential or keras.Model(inputs, outputs)"
        )
    if type(model).__name__ == "Sequential":
        return
    twice = [layer["name"] for layer in model.get_config().get("layers", []) if len(layer.get("inbound_nodes", ())) > 1]
    if twice or len(model.inputs) != 1 or len(model.outputs) != 1:
        received = f"'{twice[0]}' used twice" if twice else f"{len(model.inputs)} inputs, {len(model.outputs)} outputs"
        raise UnsupportedLayerError(f"model: expected a chain of layers. Received: {received}; split it into chains")


def _calls_its_own(model: object) -> bool:
    """Whether a class outside Keras says what the model does with its layers."""
    owner = next((owner for owner in type(model).__mro__ if "call" in vars(owner)), None)
    return owner is not None and owner.__module__.partition(".")[0] not in ("keras", "tf_keras", "tensorflow")


def _inputs(model: object) -> list[object]:
    """The model's symbolic inputs; none for a model that is not built, or not of layers that are connected."""
    try:
        return list(model.inputs or ())
    except (AttributeError, TypeError, ValueError):
        return []
