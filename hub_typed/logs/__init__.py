"""Logs, warnings and error texts, without secrets and control characters."""
