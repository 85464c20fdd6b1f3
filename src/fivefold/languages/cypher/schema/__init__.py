"""Commands: indexes, constraints, databases; SHOW."""
