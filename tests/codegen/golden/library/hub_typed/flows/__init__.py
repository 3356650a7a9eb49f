"""Flows of the library."""
