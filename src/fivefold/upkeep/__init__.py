"""Looking after a store: check what is in it, give it another key, save what is left of it."""
