"""The cards of the System page, one a file. Each is given frames whose columns its function names."""

HEIGHT = 330  # px, of every card's body
