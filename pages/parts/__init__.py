"""What the parts of pages read and draw: one module a part; `reading` is how all of them read."""
