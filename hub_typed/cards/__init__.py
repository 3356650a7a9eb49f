"""Repository cards: the README of a repository, with its text and the YAML of its front matter.

An update rewrites only the lines of the changed members: comments, quotes, order and line breaks are preserved.
"""
