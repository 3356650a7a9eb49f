"""Checks of the spec against external data; each is a program."""
