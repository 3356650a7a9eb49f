"""Requests that a program sends itself, with the connections and errors of this library."""
