"""fivefold: one ACID database with five data models in one file."""

__version__ = "0.1.0"
