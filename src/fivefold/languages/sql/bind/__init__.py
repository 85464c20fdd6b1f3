"""From tree to bound sqlglot tree: names resolved, every expression typed, every cast explicit."""
