"""Any OpenAPI document: read it, and bring it into the form in which the generator reads the spec."""
