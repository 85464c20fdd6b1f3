"""The stores: they render and run statements of the waist and know nothing of languages."""
