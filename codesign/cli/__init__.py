"""The command line: each subcommand turns its arguments into one call."""
