"""A network as an hls4ml project: what is written, what is checked before, what vendors make of it."""
