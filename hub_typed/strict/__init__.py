"""Parts of strict dataclasses: their errors, and the comparison of values with types."""
