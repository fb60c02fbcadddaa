"""The short guide of every page and part: what it answers, for whom, how it is read, what comes next, its limits."""
