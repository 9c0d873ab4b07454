"""What towns are told, and the rules of the doors through which they are told."""
