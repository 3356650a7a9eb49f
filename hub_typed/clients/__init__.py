"""Parts shared by both clients, and the default client."""
