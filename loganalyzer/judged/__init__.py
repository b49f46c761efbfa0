"""Requests that were judged: told one by one, counted, and found by an id."""
