"""Tools for people who shape a database: what its tables should be, and why."""
