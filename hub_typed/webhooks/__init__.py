"""Functions that the Hub calls through webhooks."""
