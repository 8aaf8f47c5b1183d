"""What goes in and out of the REST API, as pydantic models: the source of parsing and of the OpenAPI description."""
