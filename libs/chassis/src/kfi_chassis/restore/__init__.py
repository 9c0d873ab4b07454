"""A database that was set back in time while Kafka is ahead: what the command `kfi restore` does about it."""
