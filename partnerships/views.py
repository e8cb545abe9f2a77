from django.http import HttpResponse


def partnerships(request, **kwargs):
    return HttpResponse("")


def agreement(request, **kwargs):
    return HttpResponse("")


def sign(request, **kwargs):
    return HttpResponse("")
