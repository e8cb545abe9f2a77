"""Demonstration data: the programme with invented people. `manage.py demo` puts it in place."""
