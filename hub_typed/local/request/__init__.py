"""Request context: the caller, permissions, and byte ranges."""
