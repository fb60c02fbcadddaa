"""The states of a loan at a month end: how late it is, or how it has left."""

BUCKETS = ("M0", "M1", "M2", "M3", "M3+")  # days past due > 0, 30, 60, 90 open the next; in their order
PAID_OFF, WRITTEN_OFF = "paid_off", "written_off"
EXITS = (PAID_OFF, WRITTEN_OFF)
STATES = (*BUCKETS, *EXITS)
