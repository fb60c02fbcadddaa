"""What is derived of who brought whom: trees, what members cost, rewards, and who farms them."""
