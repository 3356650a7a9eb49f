"""Request context: caller, permissions, and byte ranges."""
