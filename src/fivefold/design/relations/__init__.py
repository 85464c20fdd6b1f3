"""The theory of relations: dependencies, keys, normal forms, decompositions. No store, no data.

A set of attributes is an ``int`` with a bit for each attribute, the first attribute's the lowest:
closures are then a few machine instructions, and ``attributes.py`` alone knows names.
"""
