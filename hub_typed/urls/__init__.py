"""Parsing of URLs, with the parser that the transport connects with."""
