from django.http import HttpResponse


def youths(request, **kwargs):
    return HttpResponse("")


def refer(request, **kwargs):
    return HttpResponse("")


def referral(request, **kwargs):
    return HttpResponse("")


def placements(request, **kwargs):
    return HttpResponse("")


def placement(request, **kwargs):
    return HttpResponse("")


def words(request, **kwargs):
    return HttpResponse("")


def sharing(request, **kwargs):
    return HttpResponse("")


def add_placement(request, **kwargs):
    return HttpResponse("")
