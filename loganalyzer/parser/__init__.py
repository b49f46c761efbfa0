"""Canonical log → request table and timelines.

The scanner reads blocks of text into rows of the request table; :mod:`loganalyzer.parser.reader` reads the same text
line by line, for timelines and as the oracle that tests hold the scanner to.
"""
