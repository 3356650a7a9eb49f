"""Git LFS: pointers, the object store, and signed URLs."""
