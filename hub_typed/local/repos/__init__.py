"""Repositories: storage, metadata, pull requests, Space settings."""
