"""Functions of the reference that other libraries use, beside those of the Hub itself."""
