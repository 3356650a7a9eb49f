"""Git repositories: reading, commits, pushes, and limits."""
