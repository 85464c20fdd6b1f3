"""How column families lie in tables."""
