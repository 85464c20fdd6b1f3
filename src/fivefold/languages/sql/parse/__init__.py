"""From text to tree: one module for each part of the grammar."""
