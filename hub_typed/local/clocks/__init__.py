"""Clocks that tests advance, and functions that are called at a time of such a clock."""
