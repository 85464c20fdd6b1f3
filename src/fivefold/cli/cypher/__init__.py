"""``fivefold cypher``: queries from the command line, a pipe, or a shell."""
