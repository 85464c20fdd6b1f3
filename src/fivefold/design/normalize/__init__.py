"""``fivefold normalize``: what a table's dependencies say of it, and the tables it should be."""
