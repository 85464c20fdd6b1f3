"""How a collection lies in tables, and what its indexes mean."""
