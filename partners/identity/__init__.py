"""Logging in and what protects it: allauth's views, forms and mails, made ours."""
