"""Tables of comparators as Keras layers: keys, the tables that take them, their sums, and all of it as one layer."""
