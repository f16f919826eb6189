"""The REST interface of figures and history."""
