"""One training that passes many costs: a network for each budget of LUTs."""
