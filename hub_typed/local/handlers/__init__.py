"""The operations of the spec, one module an area."""
