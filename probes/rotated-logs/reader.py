import hashlib
import os

from tree import DAY, Walk, is_rotated, roots_on

MAXIMUM = 100
DAYS = 7


def read(params, host):
    before = host.now() - DAYS * DAY
    found, complete = {}, True
    mount = host.mount(params['mount'])
    for root in roots_on(host, mount):
        walk = Walk(host, root['path'])
        for file in walk.files():
            if file.regular and file.modified < before and is_rotated(file.path):
                found[file.path] = file
        complete = complete and walk.complete
    files = sorted(found.values(), key=lambda file: (-file.bytes, file.path))
    facts = {
        'files': [file.path for file in files[:MAXIMUM]],
        'digest': digest(found),
        'count': len(files),
        'bytes': sum(file.bytes for file in files),
        'sharePercent': share(sum(file.blocks for file in files), os.statvfs(host.path(mount['path']))),
        'complete': complete and len(files) <= MAXIMUM,
    }
    return facts, '\n'.join(shown(file, host.now()) for file in files[:MAXIMUM])


def digest(paths):
    return hashlib.sha256('\0'.join(sorted(paths)).encode('utf-8', 'surrogateescape')).hexdigest()


def shown(file, now):
    return f'{file.bytes:>12} {int((now - file.modified) / DAY):>4} days {file.path}'


def share(taken, space):
    whole = space.f_blocks * space.f_frsize
    return min(100, round(100 * taken / whole, 1)) if whole else 0
