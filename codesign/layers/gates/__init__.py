"""Gates: layers that switch nodes or features off while a network trains."""
