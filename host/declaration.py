"""What this host may be asked about. Written by people through onboarding; whatever does not stand in it is refused."""
import json

# By kind: the list that holds them, and the key that names one.
LISTS = {
    'unit': ('units', 'name'),
    'mount': ('mounts', 'id'),
    'endpoint': ('endpoints', 'id'),
    'logRoot': ('logRoots', 'id'),
}


class Declaration:
    def __init__(self, value):
        self.value = value

    def all(self, kind):
        """Everything declared of a kind: unit, mount, endpoint or logRoot."""
        return self.value.get(LISTS[kind][0], [])

    def names(self, kind):
        return [one[LISTS[kind][1]] for one in self.all(kind)]

    def one(self, kind, name):
        """The declared thing of that name; the request was checked, so it is there."""
        return next(one for one in self.all(kind) if one[LISTS[kind][1]] == name)


def load(path):
    with open(path, encoding='utf-8') as file:
        return Declaration(json.load(file))
