"""Where one reads: a folder is one area."""
