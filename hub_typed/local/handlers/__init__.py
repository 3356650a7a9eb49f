"""Handlers of operations, one module for each area of the spec."""
