from django.http import HttpResponse


def ratings(request, **kwargs):
    return HttpResponse("")


def rate(request, **kwargs):
    return HttpResponse("")


def own(request, **kwargs):
    return HttpResponse("")


def dashboard(request, **kwargs):
    return HttpResponse("")


def youths(request, **kwargs):
    return HttpResponse("")
