"""Request handlers, one module for each area of the spec."""
