"""Writers, one for each output: models, codec, operations, server, surface, OpenAPI, pages."""
