"""BSON's values: what they are, how they compare, how paths reach them."""
