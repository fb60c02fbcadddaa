"""The lender's data: the contract, reading it, the columnar snapshot, and the books that come with Loanboard."""
