"""COPY's data, in both directions: the text, CSV and binary formats."""
