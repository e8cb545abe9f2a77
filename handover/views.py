from django.http import HttpResponse


def write(request, **kwargs):
    return HttpResponse("")


def add(request, **kwargs):
    return HttpResponse("")


def send(request, **kwargs):
    return HttpResponse("")


def received(request, **kwargs):
    return HttpResponse("")


def part(request, **kwargs):
    return HttpResponse("")


def remove(request, **kwargs):
    return HttpResponse("")


def answer(request, **kwargs):
    return HttpResponse("")


def reply(request, **kwargs):
    return HttpResponse("")
