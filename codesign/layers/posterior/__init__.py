"""PosteriorDense: a dense layer that learns its precision, its formulas, and how its inputs are rounded."""
