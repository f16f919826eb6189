"""Partners out of a file: read, assigned to fields, looked at, stored, and taken back."""
