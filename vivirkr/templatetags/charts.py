"""Bars and charts, drawn as SVG: lengths are attributes, since pages hold no style of their own.

Builtins of the template engine and pure, as those of screen.py. Numbers in attributes are strings
made here, so that no localisation reaches them.

On paper no stylesheet reaches into a drawing, and WeasyPrint places nothing by per cent inside one.
"""

from functools import partial
from itertools import pairwise

from django import template
from django.utils.translation import gettext as _

register = template.Library()


def plain(number):
    """A number as SVG wants it, whatever the language: at most two decimals, a full stop."""
    return f"{number:.2f}".rstrip("0").rstrip(".") or "0"


def percent(part, whole):
    """`part` of `whole` in per cent between 0 and 100, as SVG wants it. Nothing of nothing is 0."""
    if not whole or part is None:
        return "0"
    return plain(min(max(100 * float(part) / float(whole), 0), 100))


@register.inclusion_tag("components/bar.html")
def bar(value, maximum, target=None, plan=None, label="", height=12):
    """A bar. `target` is a tick across it, `plan` an outline beyond it, in the value's unit.

    Without a label it is decoration: then the number must stand beside it. A value of None with
    a plan is what is still to come: a dashed outline.
    """
    return {
        "fill": percent(value, maximum),
        "target": "" if target is None else percent(target, maximum),
        "plan": "" if plan is None else percent(plan, maximum),
        "ahead": value is None,
        "label": label,
        "height": str(height),
        "inner": plain(height - 1.5),
        "end": str(height + 4),
    }


# How each segment of the bullet is drawn. Fills differ in shape, not only in colour, so that they
# can be told apart in a grey print.
FILLS = {
    "closer": "#0f5661",
    "likely": "stripes",
    "early": "dots",
    "nodata": "#fff",
    "unchanged": "#c9d0d1",
    "away": "bands",
    "unfilled": "dashed",
}


@register.inclusion_tag("components/bullet.html")
def bullet(segments, total, target=None, low=None, high=None, label="", name="bullet"):
    """n of a target. `segments` in order, dicts or objects with kind (a key of FILLS), label and
    count, and where there is one url and note; `low` and `high` are the range that is still open.

    `name` must be unique on the page: it names the patterns. The accessible name is built from
    the words unless `label` is given.
    """
    drawn, start = [], 0
    for segment in segments:
        read = segment.get if isinstance(segment, dict) else partial(_attribute, segment)
        kind, count = read("kind"), read("count") or 0
        fill = FILLS[kind]
        drawn.append(
            {
                "kind": kind,
                "count": count,
                "label": read("label"),
                "url": read("url") or "",
                "note": read("note") or "",
                "fill": fill if fill.startswith("#") else f"url(#{name}-{fill})",
                "x": percent(start, total),
                "width": percent(count, total),
                "middle": percent(start + count / 2, total),
                "counted": kind == "closer" and count and count / total > 0.05,
            }
        )
        start += count
    if not label:
        parts = [f"{part['label']}: {part['count']}" for part in drawn]
        if target is not None:
            parts.append(_("Target: at least %(target)s") % {"target": target})
        if low is not None and high is not None and low != high:
            parts.append(_("Range: %(low)s to %(high)s") % {"low": low, "high": high})
        label = ". ".join(parts) + "."
    ranged = low is not None and high is not None and low != high
    return {
        "segments": drawn,
        "total": total,
        "half": total // 2 if total % 2 == 0 else None,
        "target": target,
        "target_x": percent(target, total),
        "target_anchor": _anchor(target, total),
        "ranged": ranged,
        "low": low,
        "high": high,
        "low_x": percent(low, total),
        "high_x": percent(high, total),
        "range_x": percent((low + high) / 2, total) if ranged else "0",
        "range_anchor": _anchor((low + high) / 2, total) if ranged else "middle",
        "height": "124" if ranged else "92",
        "label": label,
        "name": name,
    }


def _attribute(thing, name):
    return getattr(thing, name, "")


def _anchor(value, total):
    """Where a text stands on its point, so that it stays inside the drawing."""
    share = float(value or 0) / float(total or 1)
    return "end" if share > 0.93 else "start" if share < 0.07 else "middle"


VOICES = ("youth", "school", "job")


def _voice_names(name):
    """What the three voices are called; `name` is the youth's first name."""
    return dict(
        zip(VOICES, (name or _("The young person"), _("School"), _("Job centre")), strict=True)
    )


@register.inclusion_tag("components/voices.html")
def voices(name="", *, paper=False):
    """The key to the three voices, for above dots and trajectories."""
    return {"names": _voice_names(name), "paper": paper}


@register.inclusion_tag("components/dots.html")
def dots(youth, school, caseworker, name="", lowest=1, highest=5, *, paper=False):
    """Three voices on one scale; None is "not rated". Equal values stand side by side."""
    values = dict(zip(VOICES, (youth, school, caseworker), strict=True))
    names = _voice_names(name)
    unit = 200 / (highest - lowest)
    marks = []
    for voice, value in values.items():
        if value is None:
            continue
        alike = [other for other in VOICES if values[other] == value]
        shift = 17 * (alike.index(voice) - (len(alike) - 1) / 2)
        marks.append({"voice": voice, "x": plain(20 + unit * (value - lowest) + shift)})
    given = [value for value in values.values() if value is not None]
    label = ", ".join(
        f"{names[voice]} {_('not rated') if value is None else value}"
        for voice, value in values.items()
    )
    return {
        "paper": paper,
        "marks": marks,
        "ticks": [plain(20 + unit * step) for step in range(highest - lowest + 1)],
        "span": bool(given) and min(given) != max(given),
        "from_x": plain(20 + unit * (min(given) - lowest)) if given else "0",
        "to_x": plain(20 + unit * (max(given) - lowest)) if given else "0",
        "label": _("%(values)s, of %(highest)s") % {"values": label, "highest": highest},
    }


@register.inclusion_tag("components/trajectory.html")
def trajectory(points, steps, title, name=""):
    """Three voices over the rounds.

    `points`: dicts with label (of the round), youth, school and caseworker (a step or None).
    `steps`: the words of the steps, the lowest first.
    """
    names = _voice_names(name)
    highest, row, top = len(steps), 42, 18
    keys = dict(zip(VOICES, ("youth", "school", "caseworker"), strict=True))
    across = _across(len(points), 46, 94)
    series = []
    for voice, shift in (("school", "0"), ("job", "9"), ("youth", "-9")):
        values = [point[keys[voice]] for point in points]
        marks = [
            {"x": across[at], "y": str(top + row * (highest - value))}
            for at, value in enumerate(values)
            if value is not None
        ]
        lines = [
            {
                "x1": across[at],
                "y1": str(top + row * (highest - values[at])),
                "x2": across[at + 1],
                "y2": str(top + row * (highest - values[at + 1])),
            }
            for at in range(len(values) - 1)
            if None not in (values[at], values[at + 1])
        ]
        series.append({"voice": voice, "shift": shift, "marks": marks, "lines": lines})
    said = [
        f"{names[voice]}: "
        + ", ".join(
            _("not rated") if point[keys[voice]] is None else str(point[keys[voice]])
            for point in points
        )
        for voice in VOICES
    ]
    return {
        "series": series,
        "rows": [
            {
                "y": str(top + row * (highest - step)),
                "text_y": str(top + row * (highest - step) + 5),
                "text": f"{step} {_short(words, 17)}",
            }
            for step, words in enumerate(steps, start=1)
        ],
        "rounds": [
            {"x": across[at], "text": point["label"], "last": at == len(points) - 1}
            for at, point in enumerate(points)
            if len(points) <= 5 or (len(points) - 1 - at) % 2 == 0
        ],
        "rounds_y": str(top + row * (highest - 1) + 32),
        "height": str(top + row * (highest - 1) + 40),
        "label": _("%(title)s, steps 1 to %(highest)s. %(voices)s. Rounds: %(rounds)s.")
        % {
            "title": title,
            "highest": highest,
            "voices": ". ".join(said),
            "rounds": ", ".join(str(point["label"]) for point in points),
        },
    }


PAPER_WIDTH = 480


@register.inclusion_tag("components/paper_trajectory.html")
def paper_trajectory(points, steps, title, name=""):
    """The trajectories for a PDF: WeasyPrint places nothing by per cent inside a drawing."""
    drawn = trajectory(points, steps, title, name)

    def x(percent, shift="0"):
        return plain(float(percent[:-1]) * PAPER_WIDTH / 100 + float(shift))

    for line in drawn["series"]:
        for mark in line["marks"]:
            mark["x"] = x(mark["x"], line["shift"])
        for part in line["lines"]:
            part["x1"], part["x2"] = (x(part[end], line["shift"]) for end in ("x1", "x2"))
    for one in drawn["rounds"]:
        one["x"] = x(one["x"])
    return drawn | {"width": PAPER_WIDTH, "from_x": x("41%")}


def _across(count, first, last):
    """`count` places from `first` to `last` per cent."""
    if count == 1:
        return [f"{plain((first + last) / 2)}%"]
    return [f"{plain(first + (last - first) * at / (count - 1))}%" for at in range(count)]


def _short(text, most):
    text = str(text)
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


@register.inclusion_tag("components/trend.html")
def trend(points, total, target=None, title="", changes=()):
    """The lowest and the highest number over time, out of `total`.

    `points`: dicts with label, low and high. `changes`: dicts with after (the index of the point
    before the change of rule) and label.
    """
    height = 216

    def up(value):
        return plain(14 + height - height * float(value) / float(total or 1))

    across = _across(len(points), 8, 94)
    between = [
        f"{plain((float(left[:-1]) + float(right[:-1])) / 2)}%" for left, right in pairwise(across)
    ]
    marks = [
        {
            "x": across[at],
            "low": point["low"],
            "low_y": up(point["low"]),
            "low_text": plain(float(up(point["low"])) + 24),
            "high": point["high"],
            "high_y": up(point["high"]),
            "high_text": plain(float(up(point["high"])) - 12),
            "label": point["label"],
            "named": len(points) <= 6 or (len(points) - 1 - at) % 2 == 0,
        }
        for at, point in enumerate(points)
    ]
    step = max(1, round(total / 4))
    return {
        "marks": marks,
        "lines": list(pairwise(marks)),
        "grid": [{"y": up(value), "text": value} for value in range(0, total + 1, step)],
        "target": target,
        "target_y": up(target) if target is not None else "0",
        "changes": [
            {"label": change["label"], "x": between[change["after"]]} for change in changes
        ],
        "label": _("%(title)s, out of %(total)s. %(points)s.")
        % {
            "title": title,
            "total": total,
            "points": ". ".join(
                _("%(label)s: at least %(low)s, at most %(high)s")
                % {"label": point["label"], "low": point["low"], "high": point["high"]}
                for point in points
            ),
        },
    }


@register.inclusion_tag("components/paper_bullet.html")
def paper_bullet(segments, total, target=None, low=None, high=None, name="bullet"):
    """The bullet for a PDF: WeasyPrint reads no stylesheet inside a drawing."""
    return bullet(segments, total, target, low, high, name=name)


@register.inclusion_tag("components/paper_trend.html")
def paper_trend(points, total, target=None, title="", changes=()):
    """The lowest and the highest number over time for a PDF."""
    return trend(points, total, target, title, changes)


@register.inclusion_tag("components/paper_bar.html")
def paper_bar(value, maximum, high=None):
    """A bar for a PDF, with an outline up to `high`; decoration beside its number."""
    return {
        "fill": percent(value, maximum),
        "high": "" if high is None else percent(high, maximum),
    }


@register.inclusion_tag("components/steps.html")
def steps(done, total, text):
    """How many of a few steps are done, such as the phases: small boxes and the words."""
    return {"boxes": [at < done for at in range(total)], "text": text}


@register.inclusion_tag("components/progress.html")
def progress(at, total):
    """Where the youth is in a round: "2 of 8" and as many pieces."""
    piece = 100 / total
    return {
        "at": at,
        "total": total,
        "pieces": [
            {"x": plain(piece * n + 0.4), "width": plain(piece - 0.8), "done": n < at}
            for n in range(total)
        ],
    }


@register.inclusion_tag("components/lanes.html")
def lanes_by_week(lanes, labels):
    """The lanes of a course (youths.lanes.Lanes), each with its bars; `labels` by a lane's code.

    Every bar stands beside its words and days, so that the drawing is decoration.
    """
    at = partial(percent, whole=lanes.weeks)
    room = lanes.weeks - 3  # for the name of a month
    months = [{"x": at(x), "day": day, "named": x <= room} for day, x in lanes.months]
    rows = []
    for code, bars in lanes.rows:
        drawn = [
            {
                "x": at(bar.start),
                "width": at(bar.length),
                "kind": bar.stretch.kind,
                "stretch": bar.stretch,
                "goes_on": bar.goes_on,
            }
            for bar in bars
        ]
        rows.append({"label": labels[code], "bars": drawn})
    return {"months": months, "today": at(lanes.today), "rows": rows}
