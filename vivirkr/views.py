from django.http import HttpResponse


def home(request, **kwargs):
    return HttpResponse("")


def accessibility(request, **kwargs):
    return HttpResponse("")


def privacy(request, **kwargs):
    return HttpResponse("")


def partnership(request, **kwargs):
    return HttpResponse("")


def case(request, **kwargs):
    return HttpResponse("")
