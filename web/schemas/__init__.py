"""What the API takes and answers: requests are validated by these models, OpenAPI shows them."""
