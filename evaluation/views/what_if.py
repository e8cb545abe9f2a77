"""How another rule would count today's data. That it was tried is noted, and everybody sees it."""

from collections import Counter

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from evaluation import masking
from evaluation.definition_forms import RuleForm
from evaluation.models import (
    Definition,
    Indicator,
    PartnershipProgress,
    TriedRule,
    count,
    judged_by_the_database,
)
from evaluation.progress import DEFAULT_RULE, Result
from evaluation.wording import rule_in_words
from partnerships.access import codenames_on
from partnerships.models import Partnership, Programme

SHOWN = 10  # of those that were tried
MOST_PARTNERSHIPS = 200  # that are counted while somebody waits


@require_http_methods(["GET", "HEAD", "POST"])
def what_if(request, partnership_id):
    """For one's own partnership: every number."""
    partnership = get_object_or_404(
        Partnership.objects.visible_to(request.user).with_parties(), pk=partnership_id
    )
    if not {"view_counts", "view_ratings"} <= codenames_on(request.user, partnership.pk):
        raise PermissionDenied
    rule = Definition.known(partnership)[-1].rule
    return _tried(
        request, rule, [partnership], programme=partnership.programme, partnership=partnership
    )


@require_http_methods(["GET", "HEAD", "POST"])
def programme_what_if(request, programme_id):
    """For the leadership: the programme as a whole, no partnership of it."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    default = programme.definitions.in_force().filter(partnership=None).last()
    computed = PartnershipProgress.objects.visible_to(request.user).filter(
        partnership__programme=programme, computed_at__isnull=False
    )
    partnerships = Partnership.objects.filter(progress__in=computed).select_related("programme")
    return _tried(
        request,
        default.rule if default else DEFAULT_RULE,
        partnerships[: MOST_PARTNERSHIPS + 1],
        programme=programme,
    )


def _tried(request, rule, partnerships, *, programme, partnership=None):
    """The form with a rule to begin from, and how it counts once it is sent."""
    indicators = Indicator.objects.told_to(None)
    names = {one.code: one.text.name for one in indicators}
    data = request.POST if request.method == "POST" else None
    form = RuleForm(data, indicators=indicators, rule=rule)
    counted, status = None, 200
    if request.method == "POST":
        status = 422
        partnerships = list(partnerships)
        if form.is_valid() and len(partnerships) <= MOST_PARTNERSHIPS:
            TriedRule.objects.create(
                programme=programme,
                partnership=partnership,
                stored_rule=form.rule.as_stored,
                tried_by=request.user,
            )
            counted, status = _counts(partnerships, form.rule), 200
    tried = programme.tried_rules.filter(partnership=partnership).select_related("tried_by")
    context = {
        "programme": programme,
        "partnership": partnership,
        "form": form,
        "counted": counted,
        "words": rule_in_words(form.rule, names) if counted else [],
        "least": masking.LEAST,
        "tried": [(one, rule_in_words(one.rule, names)) for one in tried[:SHOWN]],
    }
    return render(request, "evaluation/what_if.html", context, status=status)


def _counts(partnerships, rule) -> dict:
    """Side by side for each result: as it is counted now, and as that rule would."""
    now, then = Counter(), Counter()
    for partnership in partnerships:
        now.update(count(judged_by_the_database(partnership).by_youth.values()))
        then.update(count(judged_by_the_database(partnership, rule).by_youth.values()))
    names = [(result.value, result.label) for result in Result]
    return {
        "rows": [(label, now[name], then[name]) for name, label in names],
        "referred": then["referred"],
    }
