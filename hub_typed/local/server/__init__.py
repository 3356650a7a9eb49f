"""The HTTP server: sockets, routing, the request as handlers see it, and error responses."""
