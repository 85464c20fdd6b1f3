"""A redis-server whose time of day stands still until a test moves it."""
