"""HTTP server: sockets, routing, request limits, and the in-process transport."""
