"""What Redis 7.0 says of its commands: facts, documentation, where their keys are."""
