"""Webhooks: which there are, the events they watch, and their delivery."""
