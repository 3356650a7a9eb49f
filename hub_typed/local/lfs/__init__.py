"""Git LFS: pointers, the object store, who may use an object, signed URLs."""
