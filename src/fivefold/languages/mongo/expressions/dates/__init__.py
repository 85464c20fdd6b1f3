"""Dates: a calendar without end, time zones, formats, and the operators on them."""
