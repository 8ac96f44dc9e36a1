"""A Network as lwtnn's JSON: its sequential format for chains, its functional one for graphs; and back."""
