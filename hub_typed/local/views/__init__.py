"""Parts of responses that describe repositories, users and organizations."""
