"""Who takes part: manufacturers, their partners, and the people of both."""
