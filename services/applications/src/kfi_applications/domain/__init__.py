"""The words of the trade: programmes, cases, applications, budget titles. Pure: no framework, no input or output."""
