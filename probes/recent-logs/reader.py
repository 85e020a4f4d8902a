import os
import re

from answer import cut
from tree import DAY, Walk, is_rotated, roots_on

MAXIMUM_FILES = 4
TAIL_BYTES = 64 * 1024
LINE = 2000
ERROR = re.compile(r'\b(error|err|crit|critical|alert|emerg|emergency|fatal|panic|exception|traceback)\b', re.IGNORECASE)


def read(params, host):
    newest = sorted(candidates(host, host.mount(params['mount'])), key=lambda one: (-one[0], one[2]))[:MAXIMUM_FILES]
    parts, errors, unreadable = [], [], 0
    for _, root, relative in newest:
        lines = tail(host, root, relative, params['lines'])
        if lines is None:
            unreadable += 1
            continue
        errors.append([line for line in lines if ERROR.search(line)])
        parts += [f'==> {root}/{relative}', *lines]
    last = next((found[-1] for found in errors if found), None)
    facts = {
        'files': [f'{root}/{relative}' for _, root, relative in newest],
        'unreadable': unreadable,
        'newest': int(newest[0][0]) if newest else None,
        'errors': sum(map(len, errors)),
        'lastError': None if last is None else cut(last, 300),
    }
    return facts, '\n'.join(parts)


def candidates(host, mount):
    since = host.now() - DAY
    found = {}
    for root in roots_on(host, mount):
        path = root['path'].rstrip('/')
        for file in Walk(host, path).files():
            if file.regular and file.modified >= since and not is_rotated(file.path):
                found[file.path] = (file.modified, path, file.path[len(path) + 1 :])
    return found.values()


def tail(host, root, relative, number):
    """The last lines of a file below a declared folder; None when it may not be read or is no longer what it was."""
    try:
        descriptor = host.open_beneath(root, relative)
    except OSError:
        return None
    with open(descriptor, 'rb') as file:
        length = os.fstat(descriptor).st_size
        file.seek(max(0, length - TAIL_BYTES))
        text = file.read(TAIL_BYTES).decode('utf-8', 'replace')
    lines = text.split('\n')
    # Where the file is longer than what was read, the first line is cut.
    whole = lines[1:] if length > TAIL_BYTES and len(lines) > 1 else lines
    return [cut(line, LINE) for line in whole if line.strip()][-number:]
