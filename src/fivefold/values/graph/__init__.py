"""What a value of Cypher is: entities, temporal values, their order, errors about them."""
