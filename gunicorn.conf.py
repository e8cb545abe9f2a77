"""The web server; gunicorn reads this file by its name."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"  # measured best for pages that wait for the database
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
timeout = 60  # seconds; a report may take its time
graceful_timeout = 20
max_requests = 10_000
max_requests_jitter = 1_000
accesslog = "-"
# Neither query nor referrer: a search may hold a name.
access_log_format = '%(t)s "%(m)s %(U)s" %(s)s %(B)s %(L)ss'
