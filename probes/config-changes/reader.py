import difflib
import os
import re
import stat

from answer import cut
from tree import Walk

KNOWN_GOOD = '/var/lib/millwright/known-good'
MAXIMUM_FILES = 20
MAXIMUM_LINES = 60
MAXIMUM_WALKED = 2_000
MAXIMUM_BYTES = 64 * 1024
LONGEST = 200
NOT_SHOWN = '[not shown]'
# What follows such a word may be a secret. This is a first wall: whoever is told passes it through redaction as well.
NAMED = re.compile(
    r'(?i)(?!(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass\b)(?<![\w.-])[\w.-]{0,60}?'
    r'(?:pass|pwd|secret|token|key|cred|auth|salt|private|dsn|cookie|hmac|signature)[\w.-]{0,60}'
)
# Of such files only the name is told.
SECRET_FILE = re.compile(r'(?i)pass|secret|token|cred|\.(?:pem|key|p12|pfx|jks|htaccess)$|key')
IN_ADDRESS = re.compile(r'(://)[^/\s@]{1,300}@')
# Letters and digits mixed, as keys have them and words have not; paths, host names and numbers are none.
MIXED = re.compile(r'(?<![\w/.-])(?=[A-Za-z+=_]*\d)(?=[\d+=_]*[A-Za-z])[A-Za-z0-9+/=_]{16,}(?![\w.-])')


def read(params, host):
    configs = host.unit(params['unit']).get('configs', [])
    files, lines, sums, compared = [], [], [0, 0], False
    for config in configs:
        good = f'{KNOWN_GOOD}/{config["name"]}'
        if not os.path.lexists(host.path(good)):
            continue
        compared = True
        for name in sorted(names(host, config['path']) | names(host, good)):
            what, changes = difference(text_of(host, good, name), text_of(host, config['path'], name))
            if SECRET_FILE.search(f'{config["path"]}/{name}'):
                changes = [NOT_SHOWN]
            if what is not None and len(files) < MAXIMUM_FILES:
                files.append(f'{what} {config["path"]}{"/" if name else ""}{name}')
                lines.extend([f'==> {files[-1]}', *changes])
                sums = [sums[0] + count(changes, '+'), sums[1] + count(changes, '-')]
    left = len(lines) - MAXIMUM_LINES
    excerpt = lines[:MAXIMUM_LINES] + ([f'({left} more lines)'] if left > 0 else [])
    return {'files': files, 'added': sums[0], 'removed': sums[1], 'compared': compared}, '\n'.join(excerpt)


def names(host, path):
    """Relative names of what is below a folder; of a file its own, which is empty."""
    place = host.path(path)
    if not os.path.isdir(place) or os.path.islink(place):
        return {''} if os.path.lexists(place) else set()
    return {file.path[len(path.rstrip('/')) + 1 :] for file, _ in zip(Walk(host, path).files(), range(MAXIMUM_WALKED))}


def text_of(host, path, name):
    """Lines of a file, or where a link leads; None where there is none, False where it is none of ours to read."""
    place = os.path.join(host.path(path), name) if name else host.path(path)
    if os.path.islink(place):
        return [f'link to {os.readlink(place)}']
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY)
    except FileNotFoundError:
        return None
    except OSError:
        return False
    with open(descriptor, 'rb') as file:
        status = os.fstat(descriptor)
        content = file.read(MAXIMUM_BYTES + 1) if stat.S_ISREG(status.st_mode) else b'\0'
    if len(content) > MAXIMUM_BYTES or b'\0' in content:
        return False
    return content.decode('utf-8', 'replace').splitlines()


def difference(before, after):
    """Whether it was added, removed or changed, and the lines that came and went."""
    if before is False or after is False or before == after:
        return None, []
    what = 'added' if before is None else 'removed' if after is None else 'changed'
    pairs = difflib.unified_diff(before or [], after or [], n=0, lineterm='')
    changes = [line for line in list(pairs)[2:] if line[:1] in '+-' and is_telling(line[1:])]
    return what, [f'{line[0]} {shown(line[1:])}' for line in changes]


def is_telling(line):
    return line.strip() != '' and not line.lstrip().startswith(('#', ';', '//', '-----BEGIN'))


def shown(line):
    """One line without what may be a secret."""
    text = IN_ADDRESS.sub(rf'\1{NOT_SHOWN}@', ' '.join(line.split()))
    named = NAMED.search(text)
    if named is not None:
        text = f'{text[: named.end()]} {NOT_SHOWN}'
    return cut(MIXED.sub(NOT_SHOWN, text), LONGEST)


def count(lines, sign):
    return sum(line.startswith(sign) for line in lines)
