"""What pages are drawn with."""
