"""URLs from outside and the endpoint, parsed by the parser that connects."""
