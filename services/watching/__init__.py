"""Watch cameras: one supervised process each."""
