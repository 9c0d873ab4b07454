"""A small service that exists only for the tests of the chassis."""
