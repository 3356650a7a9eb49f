"""HTTP: requests, retries, redirects, pages, event streams and the transport."""
