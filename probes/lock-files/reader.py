import os
import re
import stat

MAXIMUM = 20
MAXIMUM_ENTRIES = 20_000
DAY = 86_400
# These themselves, and the folders in the second ones.
FOLDERS = ('/run', '/run/lock', '/var/lock', '/tmp', '/var/tmp')
ABOVE = ('/run', '/run/lock', '/var/lib', '/srv', '/opt')
NAME = re.compile(r'.*\.(?:lock|lck|pid)|lock|LOCK', re.DOTALL)


def read(params, host):
    found, stale, held = 0, [], []
    for path, status in locks(host):
        found += 1
        pid = owner(host, path)
        if pid is None:
            continue
        if not os.path.exists(host.path(f'/proc/{pid}')):
            stale.append((status.st_mtime, f'{path}: pid {pid} is gone, {age(host.now() - status.st_mtime)} old'))
        elif status.st_mtime >= host.now() - DAY:
            held.append((status.st_mtime, f'{path}: pid {pid}'))
    facts = {'files': found, 'stale': newest(stale), 'held': newest(held)}
    return facts, '\n'.join([*facts['stale'], *facts['held']])


def newest(found):
    return [text for _, text in sorted(found, reverse=True)][:MAXIMUM]


def locks(host):
    seen, left = set(), [MAXIMUM_ENTRIES]
    below = [one for above in ABOVE for one in entries(host, above, left)]
    for folder in [*FOLDERS, *(path for path, status in below if stat.S_ISDIR(status.st_mode))]:
        for path, status in entries(host, folder, left):
            # One folder may have two names.
            key = (status.st_dev, status.st_ino)
            if stat.S_ISREG(status.st_mode) and NAME.fullmatch(os.path.basename(path)) and key not in seen:
                seen.add(key)
                yield path, status


def entries(host, folder, left):
    try:
        with os.scandir(host.path(folder)) as listed:
            for entry in listed:
                left[0] -= 1
                if left[0] < 0:
                    return
                try:
                    yield f'{folder}/{entry.name}', entry.stat(follow_symlinks=False)
                except OSError:
                    continue
    except OSError:
        return


def owner(host, path):
    """The process that a file names, and nothing else of what it holds."""
    match = re.match(r'\s*(\d{1,7})\s', (host.text(path) or '')[:64] + '\n')
    return int(match[1]) if match is not None and int(match[1]) > 0 else None


def age(seconds):
    for name, size in (('days', DAY), ('hours', 3_600), ('minutes', 60)):
        if seconds >= 2 * size:
            return f'{int(seconds / size)} {name}'
    return f'{max(0, int(seconds))} seconds'
