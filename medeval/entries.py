"""What is declared of an entry: where it comes from, and what it is."""
