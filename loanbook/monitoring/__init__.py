"""What a lender watches after the yes: how applications passed, what scores said of loans, what loans charge."""
