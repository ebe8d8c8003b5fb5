"""Run by Alembic inside the transaction that `Database.upgrade` opened."""

from alembic import context

from app.store.schema import tables

context.configure(connection=context.config.attributes["connection"], target_metadata=tables.Base.metadata)
context.run_migrations()
