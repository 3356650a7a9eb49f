"""Buckets: files without history, whose contents are in Xet storage."""
