"""What tests need of the stack, as pytest fixtures."""
