"""Diagnoses as people and programs read them: terminal tables, timelines, JSON, CSV.

Nothing here decides anything about a request; what is said in words about all of them is in ``headline``.
"""
