"""``fivefold redis``: commands from the command line, a pipe, or a shell."""
