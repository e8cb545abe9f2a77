"""Beginnings of sentences for who does not know how to begin, by heading."""

from django.utils.translation import gettext_lazy as _

from handover.models import Heading

PHRASES = {
    Heading.DIRECTION: (
        _("Wants to try … because …"),
        _("Has chosen … after having tried …"),
        _("Does not want … any more, because …"),
    ),
    Heading.MOTIVATION: (
        _("A good day is one on which …"),
        _("Begins without being asked when …"),
        _("Is proud of …"),
    ),
    Heading.VOCATIONAL: (
        _("Does … without help when …"),
        _("Has done … times, last in …"),
        _("Needs help with … the first time, and then …"),
    ),
    Heading.SOCIAL: (
        _("Works well with others when …"),
        _("Asks for help by …"),
        _("With somebody new it takes …"),
    ),
    Heading.PERSONAL: (
        _("Keeps going when …"),
        _("Notices on their own that …"),
        _("Has learned to …, since …"),
    ),
    Heading.EXPERIENCE: (
        _("Was at … for … weeks, with … hours a week."),
        _("The tasks were …"),
        _("It went well that …, and it was difficult that …"),
    ),
    Heading.NEED: (
        _("When …, we have seen that …"),
        _("Comes to a stop when …"),
        _("Manages it when …"),
    ),
    Heading.AVOID: (
        _("Avoid …, because then …"),
        _("If it happens anyway, then …"),
        _("Instead of …, it works to …"),
    ),
    Heading.SOCIAL_CONDITIONS: (
        _("At work it means that …"),
        _("It has to be taken into account that …"),
    ),
    Heading.MENTAL_CONDITIONS: (
        _("At work it shows when …"),
        _("What helps on such a day is …"),
    ),
    Heading.NETWORK: (
        _("… helps with …, and may be called about …"),
        _("Sees … every week."),
    ),
    Heading.PRACTICAL: (
        _("Gets to work by …, which takes …"),
        _("Has a fixed appointment on … at …"),
    ),
}
