"""Projections: which fields of a document come out, and which are computed.

``parse.py`` makes a tree of a projection and says what is wrong with it, ``apply.py`` makes
functions of the tree, ``find.py`` adds what only find has (``$slice``, ``$elemMatch``, the
positional ``$``).
``$project`` and its relatives of the aggregation language use the first two.
"""

from fivefold.languages.mongo.projection.find import Projection, compile_projection

__all__ = ["Projection", "compile_projection"]
