"""MongoDB's language: filters, updates, pipelines and commands."""
