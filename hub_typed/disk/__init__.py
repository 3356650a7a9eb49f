"""Files, folders and locks on disk, opened without following symbolic links."""
