"""Teachers of any library: what a drone imitates, the files that they come in, and the paper's own."""
