"""Logs, warnings and redaction of secrets."""
