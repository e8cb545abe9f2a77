"""The Celery application. Tasks are doors: id in, load, one call."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vivirkr.settings")

app = Celery("vivirkr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# The worker's signs of life, and the tasks that are in no app.
app.conf.imports = ["vivirkr.health", "vivirkr.reports"]
