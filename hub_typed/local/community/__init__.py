"""Discussions, collections, likes and papers."""
