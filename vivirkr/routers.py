"""Where a model's queries go."""


class ReadLogRouter:
    """The read log has its own connection to the same database; see vivirkr/settings.py."""

    def db_for_read(self, model, **hints):
        return "read_log" if model._meta.model_name == "accessevent" else None

    db_for_write = db_for_read

    def allow_relation(self, obj1, obj2, **hints):
        return True

    def allow_migrate(self, db, app_label, **hints):
        return db == "default"
