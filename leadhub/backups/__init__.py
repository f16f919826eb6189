"""Backups: verified copies of the database, its log as it is written, and the way back.

Made with PostgreSQL's own tools (``pg_basebackup``, ``pg_verifybackup``, ``pg_receivewal``):
whoever knows those can read a directory of backups without leadhub.
"""
