"""The key-value model: one table of keys per Redis database."""
