"""Updates: what MongoDB's update operators, update pipelines and replacements make of a document.

``compile.py`` is the door: ``compile_update`` reads an update once, ``Update.apply`` is then called
for every document. In order of what happens:

- ``tree.py``: the paths of all operators in one tree, checked for conflicts, and walked along a
  document; ``filters.py`` says which elements ``$[identifier]`` means.
- ``operators.py``, ``arrays.py``: what one operator does to the value at the end of a path, with
  ``numbers.py`` for arithmetic.
- ``replacement.py``, ``pipeline.py``: updates that are replacements or pipelines.
- ``upsert.py``: fields that an upsert takes from its filter. ``storable.py``: what may be stored.
"""
