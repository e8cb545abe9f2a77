"""Days counted from today, so that the demonstration never ages and is the same all day."""

import calendar
import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override


def day(ago: int) -> date:
    """The date so many days ago; a negative number lies ahead."""
    return timezone.localdate() - timedelta(days=ago)


def workday(ago: int) -> date:
    """That day, or the Friday before it when nobody is at work."""
    found = day(ago)
    return found - timedelta(days=max(found.weekday() - 4, 0))


def at(ago: int, hour: int = 10, minute: int = 0) -> datetime:
    """A time of day on that working day."""
    moment = datetime.combine(workday(ago), time(hour, minute))
    return timezone.make_aware(moment)


def month_end(months: int) -> date:
    """The last day of the month that lies so many months ahead; a negative number lies behind."""
    today = timezone.localdate()
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def months_before(ago: int) -> str:
    """The two months before a day in Danish words, such as "december 2025 og januar 2026"."""
    last = day(ago).replace(day=1) - timedelta(days=1)
    first = last.replace(day=1) - timedelta(days=1)
    with override("da"):
        before = date_format(first, "F" if first.year == last.year else "F Y")
        return f"{before} og {date_format(last, 'F Y')}"


def texts(name: str) -> dict:
    """The Danish texts of one file."""
    return tomllib.loads((Path(__file__).parent / "texts" / f"{name}.toml").read_text("utf-8"))
