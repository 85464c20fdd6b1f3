"""The catalog: an immutable description of every container, index and namespace."""
