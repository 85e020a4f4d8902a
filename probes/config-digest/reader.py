import hashlib
import os

from tree import Walk

KNOWN_GOOD = '/var/lib/millwright/known-good'
MAXIMUM_FILES = 2000
MAXIMUM_DIFFERENCES = 100
MAXIMUM_BYTES = 4 * 1024 * 1024


def read(params, host):
    configs = sorted(host.unit(params['unit']).get('configs', []), key=lambda one: one['name'])
    now = [take(host, config['path']) for config in configs]
    good = [take(host, f'{KNOWN_GOOD}/{config["name"]}') for config in configs]
    digest, known_good = together(configs, now), together(configs, good)
    newest = [one.newest for one in now if one.newest is not None]
    different = list(differences(configs, now, good))
    facts = {
        'digest': digest,
        'knownGoodDigest': known_good,
        'changedSinceKnownGood': None if digest is None or known_good is None else digest != known_good,
        'files': sum(len(one.digests) for one in now),
        'differences': different[:MAXIMUM_DIFFERENCES],
        'newestChange': int(max(newest)) if newest else None,
        'unreadable': sum(one.unreadable for one in now),
    }
    return facts, '\n'.join(different)


class Taken:
    """A file or folder as digests by relative path; of a symbolic link only where it points to."""

    def __init__(self):
        self.exists = False
        self.digests = {}
        self.unreadable = 0
        self.newest = None
        self.complete = True


def take(host, path):
    taken = Taken()
    place = host.path(path)
    taken.exists = os.path.lexists(place)
    if os.path.isdir(place) and not os.path.islink(place):
        walk = Walk(host, path)
        for file in walk.files():
            relative = file.path[len(path.rstrip('/')) + 1 :]
            add(taken, relative, host.path(file.path))
        taken.complete = walk.complete and len(taken.digests) <= MAXIMUM_FILES
    elif taken.exists:
        add(taken, '', place)
    return taken


def add(taken, relative, place):
    if len(taken.digests) > MAXIMUM_FILES:
        return
    status = os.lstat(place)
    taken.newest = max(taken.newest or 0, status.st_mtime)
    if os.path.islink(place):
        taken.digests[relative] = f'link {os.readlink(place)}'
        return
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        taken.unreadable += 1
        taken.digests[relative] = 'unreadable'
        return
    with open(descriptor, 'rb') as file:
        content = file.read(MAXIMUM_BYTES + 1)
    taken.complete = taken.complete and len(content) <= MAXIMUM_BYTES
    taken.digests[relative] = hashlib.sha256(content).hexdigest()


def together(configs, parts):
    """One digest; None when there is nothing, or anything could not be read."""
    whole = configs and all(one.exists and one.complete and one.unreadable == 0 for one in parts)
    if not whole:
        return None
    lines = [f'{config["name"]}\0{path}\0{value}\n' for config, one in zip(configs, parts) for path, value in sorted(one.digests.items())]
    return hashlib.sha256(''.join(lines).encode('utf-8', 'surrogateescape')).hexdigest()


def differences(configs, now, good):
    """Which files differ from the last known good ones, by path alone."""
    for config, one, known in zip(configs, now, good):
        if not known.exists:
            yield f'{config["path"]}: no known good copy'
            continue
        for path in sorted(set(one.digests) | set(known.digests)):
            if one.digests.get(path) != known.digests.get(path):
                what = 'added' if path not in known.digests else 'removed' if path not in one.digests else 'changed'
                yield f'{what} {config["path"]}{"/" if path else ""}{path}'
