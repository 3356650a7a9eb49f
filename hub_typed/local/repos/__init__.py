"""Repositories: where they are stored, and what the Hub tells of them."""
