"""Collections: how far contacts get, how late loans come back, what a reminder changes, complaints, agents."""
