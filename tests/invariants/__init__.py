"""What must hold of all rows, and that a break of each is found."""
