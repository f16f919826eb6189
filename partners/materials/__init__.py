"""Documents for selling: published by the manufacturer, opened by its partners."""
