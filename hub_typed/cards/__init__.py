"""Cards: what the README of a repository says to people, and in the YAML at its head to machines.

Whoever changes a few members of a card changes their lines alone: comments, quotes, order and line breaks stay.
"""
