"""Spaces: lists and searches, how they run, their secrets and variables."""
