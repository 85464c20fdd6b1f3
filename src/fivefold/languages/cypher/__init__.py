"""openCypher 9 and what of Neo4j's Cypher 5 is in everyday use: text in, rows out."""
