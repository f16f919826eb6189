"""The REST interface's common ground: problems, parsing, pages, schema, the view they share."""
