"""What is derived of members: their steps, how they move between tiers, and what they are worth."""
