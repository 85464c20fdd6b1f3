"""Functions: one file per family, joined by ``table.py``."""
