"""Git repositories: reading, commits, pushes and pull requests."""
