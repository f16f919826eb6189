"""Who may see which rows: contexts for the database's row level security, and its policies."""
