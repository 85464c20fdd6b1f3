"""The store in a PostgreSQL server, over psycopg 3."""
