"""URLs: parsing, with the parser of the transport, and display without secrets."""
