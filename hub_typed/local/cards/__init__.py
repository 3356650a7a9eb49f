"""Cards: the front matter of READMEs, and its validation."""
