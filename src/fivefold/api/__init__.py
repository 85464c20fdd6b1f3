"""The embedded API: the five doors of an open database."""
