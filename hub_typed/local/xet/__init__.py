"""Xet storage: hashes and formats, and the content-addressed store of xorbs and files."""
