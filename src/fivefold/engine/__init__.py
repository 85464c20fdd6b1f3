"""The engine: sessions, transactions, the statement cache, group commit, the clock."""
