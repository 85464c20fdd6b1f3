"""The openCypher Technology Compatibility Kit, run over every door to a graph."""
