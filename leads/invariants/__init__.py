"""What must hold between rows at any moment, asked of the database: queries that find no row."""
