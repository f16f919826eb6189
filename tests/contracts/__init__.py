"""What the schema and row level security promise."""
