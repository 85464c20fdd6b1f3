"""The Redis commands, over the key-value model."""
