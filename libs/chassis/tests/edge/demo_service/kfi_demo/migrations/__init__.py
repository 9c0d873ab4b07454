"""Revisions of the demo service."""
