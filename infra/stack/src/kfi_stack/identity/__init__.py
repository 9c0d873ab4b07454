"""A demo identity provider: OpenID Connect with fixed demo people and no passwords. Never for production."""
