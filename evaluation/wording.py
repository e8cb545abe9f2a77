"""The rule and a judgement in words, made from the very objects that judge."""

from collections.abc import Mapping
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from evaluation.progress import Change, Fact, Rule, Voice

_WHOSE = {
    Voice.YOUTH: gettext_lazy("own rating"),
    Voice.SCHOOL: gettext_lazy("the school's rating"),
    Voice.CASEWORKER: gettext_lazy("the job centre's rating"),
}


def listed(words: list[str], last: str) -> str:
    """ "a, b or c", with `last` between the last two."""
    *others, end = words
    return f"{', '.join(others)} {last} {end}" if others else end


def rule_in_words(rule: Rule, names: Mapping[str, str]) -> list[str]:
    """A sentence for each thing that the rule asks, in the reader's language.

    `names` are the indicators' short names by code.
    """
    return [
        _who_must_see_it(rule),
        _signs(rule, names),
        *_facts(rule),
        *([_("A professional has also said so, with a reason.")] if rule.assessment else []),
        _("No voice has gone down on all of it.")
        if len(rule.signs) > 1
        else _("No voice has gone down on it."),
        _("Further away: at least two voices have gone down on all of it."),
        ngettext(
            "Too early: answers from no round yet. No data: no answer at all. "
            "Unchanged: all others.",
            "Too early: answers from fewer than %(n)s rounds. No data: no answer at all. "
            "Unchanged: all others.",
            rule.rounds,
        )
        % {"n": rule.rounds},
    ]


def _who_must_see_it(rule: Rule) -> str:
    if rule.own_voice and rule.professionals == 2:
        return _("Closer: the young person, the school and the job centre all see a step up.")
    if rule.own_voice and rule.professionals:
        return _("Closer: the young person and at least one professional see a step up.")
    if rule.own_voice:
        return _("Closer: the young person sees a step up; what professionals see stands beside.")
    if rule.professionals == 2:
        return _("Closer: school and job centre both see a step up.")
    if rule.professionals:
        return _("Closer: at least one professional sees a step up.")
    return _("Closer: the young person or a professional sees a step up.")


def _signs(rule: Rule, names) -> str:
    signs = [
        ngettext("“%(what)s” (one step)", "“%(what)s” (%(n)s steps)", sign.rise)
        % {"what": names.get(sign.indicator, sign.indicator), "n": sign.rise}
        for sign in rule.signs
    ]
    return _("A step up is a rise since the voice's own first answer, on %(signs)s.") % {
        "signs": listed(signs, _("or"))
    }


def _facts(rule: Rule) -> list[str]:
    if not rule.facts:
        return []
    facts = listed([str(Fact(fact).label).lower() for fact in rule.facts], _("or"))
    return [_("For what professionals see, one of these stands too: %(facts)s.") % {"facts": facts}]


def changes_in_words(changes: list[Change], names: Mapping[str, str]) -> list[str]:
    """A line for each voice: "own rating: “Direction” went up from 2 to 4, ..."."""
    lines = []
    for voice, of_voice in groupby(changes, key=lambda change: change.voice):
        said = ", ".join(_change_in_words(change, names) for change in of_voice)
        lines.append(_("%(whose)s: %(changes)s") % {"whose": _WHOSE[voice], "changes": said})
    return lines


def _change_in_words(change: Change, names) -> str:
    words = {
        "what": names.get(change.indicator, change.indicator),
        "first": change.first,
        "latest": change.latest,
    }
    if change.rose:
        return _("“%(what)s” went up from %(first)s to %(latest)s") % words
    if change.fell:
        return _("“%(what)s” went down from %(first)s to %(latest)s") % words
    return _("“%(what)s” stayed at %(latest)s") % words
