"""What pages ask of the snapshot: filters in, a SQLAlchemy Select out, executed by `read` alone."""
