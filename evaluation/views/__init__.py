from evaluation.views.cases import own, rate, ratings
from evaluation.views.programmes import dashboard, youths

__all__ = ["dashboard", "own", "rate", "ratings", "youths"]
