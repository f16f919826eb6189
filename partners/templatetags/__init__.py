"""Tags and filters of pages about partners."""
