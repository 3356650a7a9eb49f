"""Reading the spec: documents, schemas and operations."""
