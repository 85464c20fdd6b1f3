"""The stages of the aggregation pipeline (manual 7.0, "Aggregation Stages")."""
