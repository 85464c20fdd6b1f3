"""The embedded store: SQLite in WAL mode, one writer beside snapshot readers."""
