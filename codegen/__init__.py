"""Generator of generated/ from spec/ and the flows: ``python -m codegen``."""
