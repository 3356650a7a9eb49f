"""Models in responses that describe repositories, users and organizations."""
