"""Two periods side by side: what failed newly, more, less or no longer, and whether that is more than chance."""
