"""``fivefold cql``: statements from the command line, a pipe, or a shell."""
