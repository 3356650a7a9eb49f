"""Users, organizations, tokens, and access to gated repositories."""
