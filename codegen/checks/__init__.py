"""Checks of the spec against what others know of the Hub; each is a program of its own."""
