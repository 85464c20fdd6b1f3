"""The languages: each parses its own text and lowers it to the waist."""
