"""Many designs of one trained network: the grid, its evaluation, and the file of what is known."""
