"""The programmes as dated data, and their rules as functions named like sentences, each with its number."""
