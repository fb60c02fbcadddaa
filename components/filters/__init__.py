"""The filters that all pages share: kept in the link, chosen in a popover, said in words."""
