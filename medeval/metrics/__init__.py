"""Metrics: what a walk is worth."""
