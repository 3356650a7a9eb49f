"""Jobs: run, follow, list and schedule them."""
