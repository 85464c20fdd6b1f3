"""A graph in the store, as ``graph.Graph`` promises it."""
