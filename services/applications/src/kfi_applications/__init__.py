"""Funding: programmes, applications, budget, decisions."""
