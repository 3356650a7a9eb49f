"""Git LFS: pointers, object store, and signed URLs."""
