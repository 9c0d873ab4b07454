"""Dated law and public registers: municipalities, legal calendar, periods, courts, traces; pure."""
