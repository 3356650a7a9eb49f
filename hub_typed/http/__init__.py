"""Requests and responses: preparation, retries, redirects, pages, event streams, and the transport."""
