"""Tokens: which one a request carries, where they are stored, login and logout."""
