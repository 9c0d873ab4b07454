"""What the tests of services need of the chassis; nothing here runs in production."""
