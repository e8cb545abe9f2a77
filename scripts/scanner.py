"""wapiti, told three things about this site; runs in the scanner's own environment.

Addresses that differ only in whose they are, or in the values of a form, are of one kind, of which
a few are looked at and attacked: else one kind of page takes all the time. A form that leads back
to its own page is attacked, too; wapiti takes that for a missing slash. And what stands on every
page is met once (`--exclude` of wapiti's keeps to links).
"""

import re
import sys
from collections import Counter

from wapitiCore.main.wapiti import wapiti_asyncio_wrapper
from wapitiCore.net.explorer import Explorer
from wapitiCore.net.response import Response

PAGES, FORMS = 3, 1  # of one kind; a form is also whatever has a query
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
seen = Counter()


def has_enough(explorer, request) -> bool:
    """Asked once for each address that the crawl is about to open."""
    kind = (request.method, ID.sub("*", request.path), request.encoded_keys)
    seen[kind] += 1
    return seen[kind] > (FORMS if request.parameters_count else PAGES)


Explorer.has_too_many_parameters = has_enough
Response.is_directory_redirection = property(lambda it: it.url + "/" == it.redirection_url)

if __name__ == "__main__":
    sys.exit(wapiti_asyncio_wrapper())
