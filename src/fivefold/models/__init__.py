"""The five data models: how each lies in tables, its invariants, its indexes."""
