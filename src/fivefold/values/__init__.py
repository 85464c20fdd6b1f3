"""The value domain: types, their stored forms, and conversions between the two and Python's own."""
