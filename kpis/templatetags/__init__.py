"""What templates of figures need."""
