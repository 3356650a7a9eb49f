"""Git repositories: reading, commits, fetches, pushes, and limits."""
