"""The narrow waist: one SQL statement, its parameters, and what it touches."""
