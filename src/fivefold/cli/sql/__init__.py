"""``fivefold sql``: statements from the command line, a pipe, or a shell."""
