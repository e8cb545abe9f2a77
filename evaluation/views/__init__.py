from evaluation.views.attention import attention, attention_rows
from evaluation.views.cases import own, rate, ratings
from evaluation.views.counted import youths
from evaluation.views.partnerships import progress
from evaluation.views.programmes import dashboard

__all__ = [
    "attention",
    "attention_rows",
    "dashboard",
    "own",
    "progress",
    "rate",
    "ratings",
    "youths",
]
