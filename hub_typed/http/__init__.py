"""HTTP: request preparation, retries, redirects, pages, event streams, transport."""
