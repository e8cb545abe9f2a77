"""Who sees what, as docs/access.md: from the tables in code, in English."""

from django.core.management.base import BaseCommand
from django.utils import translation

from partnerships.access.policy import by_status, sections, viewers

HEAD = """# Who sees what

Made from `partnerships/access/table.py` by `manage.py access_table`; a test keeps it true. The page
"Who sees what" in the application is the same tables.

## While the agreement is signed
"""


class Command(BaseCommand):
    help = "Writes docs/access.md to standard output."

    def handle(self, *args, **options):
        self.stdout.write(markdown(), ending="")


def markdown() -> str:
    """The whole document."""
    with translation.override("en"):
        names = [str(name) for name in viewers().values()]
        lines = [_line(["Section", *names]), _line(["---"] * (len(names) + 1))]
        for row in sections():
            cells = [
                ", ".join(cell.verbs) + "".join(f"; {c}" for c in cell.when) if cell else "never"
                for cell in row.cells
            ]
            narrow = " (an agreement may take it away)" if row.may_be_narrowed else ""
            lines.append(_line([row.section + narrow, *cells]))
        lines += ["", "## What is read in its other states", ""]
        roles = [role for role, _sections in by_status()[0][1]]
        lines += [_line(["State", *roles]), _line(["---"] * (len(roles) + 1))]
        for status, rows in by_status():
            read = [", ".join(names) or "nothing" for _role, names in rows]
            lines.append(_line([status, *read]))
        return HEAD + "\n".join(lines) + "\n"


def _line(cells) -> str:
    return f"| {' | '.join(cells)} |"
