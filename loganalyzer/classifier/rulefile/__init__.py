"""Rules files: TOML in the form of the catalogue, read whole, every fault with its place."""
