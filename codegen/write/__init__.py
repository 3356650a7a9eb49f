"""Writing each output: models, codec, operations, server, surface, OpenAPI and pages."""
