"""The published language of the KfI platform: event envelope, event models, frozen schemas."""
