"""From tree to bound tree: names resolved, every expression typed, every cast explicit."""
