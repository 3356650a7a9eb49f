"""The tables of the documentation that are made from code, and the check of the built site."""
