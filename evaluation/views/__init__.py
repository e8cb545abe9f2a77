from evaluation.views.attention import attention, attention_rows
from evaluation.views.cases import rate, ratings
from evaluation.views.counted import youths
from evaluation.views.criteria import criteria, entry_document, register, remove_entry
from evaluation.views.definitions import answer, definition, settle, sign_definition
from evaluation.views.facts import facts, take_back
from evaluation.views.own import by_link, give_link, link, own, take_back_quote
from evaluation.views.partnerships import progress
from evaluation.views.programmes import dashboard
from evaluation.views.status import status
from evaluation.views.what_if import programme_what_if, what_if
from evaluation.views.workbench import cut, cut_file, quotes, report, report_file, workbench

__all__ = [
    "answer",
    "attention",
    "attention_rows",
    "by_link",
    "criteria",
    "cut",
    "cut_file",
    "dashboard",
    "definition",
    "entry_document",
    "facts",
    "give_link",
    "link",
    "own",
    "programme_what_if",
    "progress",
    "quotes",
    "rate",
    "ratings",
    "register",
    "remove_entry",
    "report",
    "report_file",
    "settle",
    "sign_definition",
    "status",
    "take_back",
    "take_back_quote",
    "what_if",
    "workbench",
    "youths",
]
