import os
import re
import stat

from tree import Walk

MAXIMUM = 20
MAXIMUM_FILES = 300
MAXIMUM_BYTES = 256 * 1024
MAXIMUM_PATHS = 300
# An absolute path that is no address, no pattern, and no part of another word.
PATH = re.compile(r'(?<![\w.~:/$*{}\\^@%+-])(?:/[\w.@%+-]{1,255}){1,20}/?(?![\w.@%+/$*{}\\?\[(|-])')


def read(params, host):
    named = {}
    for config in host.unit(params['unit']).get('configs', []):
        for file in files(host, config['path']):
            take(host, file, named)
    found = {'missing': [], 'dangling': [], 'links': [], 'empty': [], 'hidden': []}
    for path, place in named.items():
        kind, text = look(host, path)
        if kind is not None:
            found[kind].append(f'{text} ({place})')
    facts = {
        'paths': len(named),
        **{kind: found[kind][:MAXIMUM] for kind in ('missing', 'dangling', 'links', 'empty')},
        'hidden': len(found['hidden']),
    }
    return facts, '\n'.join(f'{kind} {text}' for kind, all_of in found.items() for text in all_of[:MAXIMUM])


def files(host, path):
    if os.path.isdir(host.path(path)):
        yield from sorted(file.path for file, _ in zip(Walk(host, path).files(), range(MAXIMUM_FILES)))
    else:
        yield path


def take(host, file, named):
    text = (host.text(file) or '')[:MAXIMUM_BYTES]
    for number, line in enumerate(text.splitlines(), 1):
        for match in PATH.finditer(line[:2000].split('#', 1)[0]):
            path = match[0].rstrip('/.')
            if len(named) < MAXIMUM_PATHS and path not in named and is_of_host(host, path):
                named[path] = f'{os.path.basename(file)}:{number}'


def is_of_host(host, path):
    """A part of a web address looks like a path, too: it does not begin with a folder that there is."""
    parts = path.split('/')
    return len(parts) > 2 and parts[1] not in ('proc', 'sys', 'dev') and os.path.isdir(host.path(f'/{parts[1]}'))


def look(host, path):
    """What is strange about a path, and the words for it; None for one that is as one expects."""
    place = host.path(path)
    try:
        status = os.stat(place)
    except FileNotFoundError:
        link = next((one for one in parents(path) if os.path.islink(host.path(one))), None)
        return ('missing', path) if link is None else ('dangling', f'{link} -> {os.readlink(host.path(link))}')
    except PermissionError:
        return 'hidden', path
    except OSError:
        return 'missing', path
    if os.path.islink(place):
        return 'links', f'{path} -> {os.readlink(place)}'
    if stat.S_ISREG(status.st_mode) and status.st_size == 0 and not path.endswith('.log'):
        return 'empty', f'{path}, {age(host.now() - status.st_mtime)} old'
    return None, ''


def parents(path):
    """The path and the folders above it, the longest first."""
    while path != '/':
        yield path
        path = os.path.dirname(path)


def age(seconds):
    for name, size in (('days', 86_400), ('hours', 3_600), ('minutes', 60)):
        if seconds >= 2 * size:
            return f'{int(seconds / size)} {name}'
    return f'{max(0, int(seconds))} seconds'
