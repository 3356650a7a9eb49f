"""Files, folders and locks on this machine, opened without following links."""
