"""What staff do, and what is recorded of it."""
