"""Compliance: the rules that bind lending and collection, what breaches them, how groups are approved, loan classes."""
