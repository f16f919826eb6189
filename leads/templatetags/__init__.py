"""Tags and filters of pages about leads."""
