"""What needs a closer look at the lines of one request."""
