"""What no linter checks: templates that are used, strict pages, views that name their methods."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.template import Context, Template
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import World
from tests.test_matrix import routes
from vivirkr.things import NOT_OF_A_YOUTH, OF_A_YOUTH, youth_of

ROOT = Path(settings.BASE_DIR)
APPS = ("vivirkr", "partnerships", "youths", "handover", "evaluation")
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))
CODE = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))

# Found by name in a package: allauth's pages and elements, crispy-forms' pack, Django's errors.
LOADED_BY_PACKAGES = re.compile(r"^(account|allauth|fds)/|^(400|403|403_csrf|404|429|500)\.html$")


def name_of(template) -> str:
    return template.relative_to(ROOT / "templates").as_posix()


def test_every_template_is_used():
    text = "\n".join(path.read_text() for path in [*TEMPLATES, *CODE])
    unused = {
        name
        for name in map(name_of, TEMPLATES)
        if not LOADED_BY_PACKAGES.match(name) and not re.search(rf"[\"']{re.escape(name)}", text)
    }
    assert unused == set()


def test_a_template_that_names_what_it_does_not_get_fails_its_test():
    """FAIL_INVALID_TEMPLATE_VARS in pyproject.toml is at work."""
    with pytest.raises(pytest.fail.Exception, match="nobody"):
        Template("{{ nobody }}").render(Context())


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_a_template_holds_no_inline_style_or_script(template):
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|\shx-on", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize(
    "path", [p for p in CODE if re.search(r"/(views|forms)(/|\.py$)", p.as_posix())], ids=str
)
def test_pages_and_forms_start_from_what_the_person_may_see(path):
    assert "objects.all()" not in path.read_text()


@pytest.mark.parametrize("path", CODE, ids=str)
def test_guardian_is_spoken_to_in_two_places_only(path):
    if re.search(r"^(from|import) guardian", path.read_text(), re.M):
        assert path.relative_to(ROOT).as_posix() in {
            "partnerships/models/partnerships.py",
            "youths/models/placements.py",
        }


def own_views(patterns=None):
    for entry in patterns or get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace != "admin":
                yield from own_views(entry.url_patterns)
        elif isinstance(entry, URLPattern) and entry.callback.__module__.startswith(APPS):
            yield entry.callback


@pytest.mark.parametrize(
    "view", [*own_views()], ids=lambda view: f"{view.__module__}.{view.__name__}"
)
def test_a_view_names_the_methods_it_takes(view, rf):
    """A method that nobody wrote down is refused before the view looks at anything."""
    request = rf.generic("TRACE", "/")
    kwargs = dict.fromkeys(("youth_id", "partnership_id", "number"))
    names = view.__wrapped__.__code__.co_varnames[1 : view.__wrapped__.__code__.co_argcount]
    assert view(request, **{name: kwargs.get(name) for name in names}).status_code == 405


def test_every_parameter_of_a_route_is_of_a_youth_or_said_not_to_be():
    """So that no refusal goes unnoted: vivirkr/things.py."""
    named = {name for _route, pattern in routes() for name in pattern.pattern.converters}
    assert named == set(OF_A_YOUTH) | NOT_OF_A_YOUTH
    assert not set(OF_A_YOUTH) & NOT_OF_A_YOUTH


@pytest.mark.django_db
def test_every_parameter_leads_to_its_youth():
    world = World()
    for name in OF_A_YOUTH:
        thing = getattr(world, name.removesuffix("_id"))
        assert youth_of({name: thing.pk}) == getattr(thing, "youth", world.youth)


@pytest.mark.django_db
def test_no_name_of_a_person_in_the_text_of_a_model():
    world = World()
    for model in (type(world.youth), type(world.school)):
        model.objects.update(name="KANARIE")
    for app in APPS[1:]:
        for model in apps.get_app_config(app).get_models():
            for row in model._default_manager.all()[:5]:
                assert "KANARIE" not in str(row), model
