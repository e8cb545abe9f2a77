"""Pages composed of several rooms."""

from vivirkr.views.cases import case
from vivirkr.views.home import home
from vivirkr.views.pages import accessibility, privacy
from vivirkr.views.partnerships import partnership, partnerships

__all__ = ["accessibility", "case", "home", "partnership", "partnerships", "privacy"]
