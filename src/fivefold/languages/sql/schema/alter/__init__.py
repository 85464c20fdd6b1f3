"""ALTER: the actions change one catalog value after another, and one change carries them out."""
