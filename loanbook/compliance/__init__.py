"""What the rules of the policy find in a book: what was judged by each, and each breach."""
