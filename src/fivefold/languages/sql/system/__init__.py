"""The system catalogs: relations of ``pg_catalog`` and ``information_schema``, and their rows."""
