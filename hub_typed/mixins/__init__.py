"""Base classes that save models to the Hub and load them from it."""
