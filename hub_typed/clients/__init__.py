"""What both clients are made of, and the client behind the module's functions."""
