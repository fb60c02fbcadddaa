"""The pages: one module each, a function `show`; read from top to bottom: filters, read, draw."""
