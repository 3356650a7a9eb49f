"""Repository cards: the README of a repository, its text and the YAML of its front matter.

Whoever changes a few members of a card changes their lines alone: comments, quotes, order and line breaks stay.
"""
