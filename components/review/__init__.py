"""What the review queue is drawn with."""
