"""leadhub: leads from manufacturers to their partners, and what became of them."""
