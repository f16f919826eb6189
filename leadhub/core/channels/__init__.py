"""Ways for a message to leave: each hands messages over and says what became of every one."""
