"""Request table → diagnoses: the catalogue of categories as data, and the rules that read it."""
