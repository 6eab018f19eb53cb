"""Talks: how a sample becomes a short conversation with a model."""
