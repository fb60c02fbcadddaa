"""Alembic's environment: runs the migrations on the connection that `desk.state.upgrade` hands over."""

from alembic import context

from desk.state_types import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
