"""The Celery application. Tasks are doors: id in, load, one call."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vivirkr.settings")

app = Celery("vivirkr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.imports = ["vivirkr.health"]  # the worker's signs of life
