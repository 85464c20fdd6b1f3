"""CQL: texts in, results out; what a statement means, and what is wrong with it."""
