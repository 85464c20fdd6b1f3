"""From MongoDB's language to statements over the shadow and the tables of indexes.

Reading order: ``conditions`` (a filter as SQL), ``bounds`` (a filter as ranges of an index's keys),
``planner`` (which of them to use), ``grouping`` (a pipeline's beginning as one query).
"""
