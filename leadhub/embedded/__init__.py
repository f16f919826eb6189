"""leadhub on one machine: its database, broker and processes, set up and kept running.

The product itself never imports this package; it reads addresses from its settings.
"""
