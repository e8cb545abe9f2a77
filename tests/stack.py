"""What a process of the stack needs to work beside a test."""

from urllib.parse import quote

from django.db import connection


def database_url() -> str:
    """The address of this test's own database."""
    database = connection.settings_dict
    login = quote(database["USER"], safe="")
    if database["PASSWORD"]:
        login += f":{quote(database['PASSWORD'], safe='')}"
    port = f":{database['PORT']}" if database["PORT"] else ""
    host = quote(database["HOST"], safe="")
    return f"postgresql://{login}@{host}{port}/{database['NAME']}"
