"""Composition only: settings, urls, celery, home page, middleware."""

from vivirkr.celery import app as celery_app

__all__ = ["celery_app"]
