"""Lists of a layer as the user gave them: Keras wraps those that are attributes, to track what is in them."""


def plain_lists(value: object) -> object:
    """Return lists in lists in place of Keras's wrappers of them, and anything else as it is."""
    return [plain_lists(one) for one in value] if isinstance(value, list) else value
