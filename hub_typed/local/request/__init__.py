"""One request as handlers see it: the caller, permissions, and byte ranges."""
