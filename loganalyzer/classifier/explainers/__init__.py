"""Explainers: what exactly broke in a request whose category is known. One module a family of failures."""
