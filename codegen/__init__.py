"""Writes generated/ from spec/ and the flows: ``python -m codegen``."""
