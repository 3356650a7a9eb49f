"""HTTP server: sockets, routing, limits, and the in-process transport."""
