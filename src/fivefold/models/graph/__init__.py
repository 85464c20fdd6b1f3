"""How a graph lies in tables: nodes, relationships, indexes."""
