"""Commands of `manage.py` that run Loanboard: refresh, serve, keep and give back."""
