import base64
import calendar
import os
import re
import time

from tree import DAY, Walk

SUFFIXES = ('.pem', '.crt', '.cer', '.cert')
MAXIMUM_FILES = 50
MAXIMUM_BYTES = 256 * 1024
LENGTH_BYTES = 4
PEM = re.compile(r'-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,65536})-----END CERTIFICATE-----')
INTEGER, UTC, GENERAL, SEQUENCE, VERSION = 0x02, 0x17, 0x18, 0x30, 0xA0


def read(params, host):
    found, unreadable = [], 0
    for path, changed in files(host, params['unit']):
        text = text_of(host, path)
        if text is None:
            unreadable += 1
            continue
        ends = [end for end in (ending(block) for block in PEM.findall(text)) if end is not None]
        if ends:
            found.append((min(ends), path, int(changed)))
    found.sort()
    now = int(host.now())
    facts = {
        'certificates': [f'{path} until {clock(end)}, changed {clock(at)}' for end, path, at in found],
        'expired': [path for end, path, _ in found if end <= now],
        'secondsLeft': found[0][0] - now if found else None,
        'changed': [path for _, path, at in found if at >= now - 7 * DAY],
        'newestChange': max((at for _, _, at in found), default=None),
        'unreadable': unreadable,
    }
    return facts, '\n'.join(facts['certificates'])


def files(host, unit):
    """Names below the declared configuration that look like certificates. No symbolic link is followed."""
    found = []
    for config in host.unit(unit).get('configs', []):
        place = host.path(config['path'])
        if os.path.isdir(place) and not os.path.islink(place):
            walked = Walk(host, config['path']).files()
            found += [(one.path, one.modified) for one in walked if one.regular and one.path.endswith(SUFFIXES)]
        elif os.path.isfile(place) and not os.path.islink(place) and place.endswith(SUFFIXES):
            found.append((config['path'], os.stat(place).st_mtime))
    return sorted(found)[:MAXIMUM_FILES]


def text_of(host, path):
    try:
        descriptor = os.open(host.path(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with open(descriptor, 'rb') as file:
        return file.read(MAXIMUM_BYTES).decode('ascii', 'replace')


def ending(block):
    """`notAfter` of a certificate; None for what is none. Whoever wrote it may have written anything."""
    try:
        der = base64.b64decode(''.join(block.split()), validate=True)
        body = inside(inside(der, 0, SEQUENCE), 0, SEQUENCE)
        at = 0
        if body[at] == VERSION:
            at = after(body, at)
        for expected in (INTEGER, SEQUENCE, SEQUENCE):
            if body[at] != expected:
                return None
            at = after(body, at)
        validity = inside(body, at, SEQUENCE)
        second = after(validity, 0)
        return moment(validity[second], content(validity, second).decode('ascii'))
    except (ValueError, IndexError, OverflowError):
        return None


def measure(der, at):
    """Where the value at this place begins, and how long it is."""
    first = der[at + 1]
    if first < 0x80:
        return at + 2, first
    size = first & 0x7F
    if not 1 <= size <= LENGTH_BYTES:
        raise ValueError('no length')
    return at + 2 + size, int.from_bytes(der[at + 2 : at + 2 + size], 'big')


def content(der, at):
    begin, size = measure(der, at)
    if begin + size > len(der):
        raise ValueError('cut off')
    return der[begin : begin + size]


def inside(der, at, expected):
    if der[at] != expected:
        raise ValueError('another shape')
    return content(der, at)


def after(der, at):
    begin, size = measure(der, at)
    return begin + size


def moment(kind, text):
    if not re.fullmatch(r'\d{12}Z' if kind == UTC else r'\d{14}Z', text) or kind not in (UTC, GENERAL):
        return None
    if kind == UTC:
        text = ('19' if int(text[:2]) >= 50 else '20') + text
    return calendar.timegm(time.strptime(text, '%Y%m%d%H%M%SZ'))


def clock(epoch):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(epoch))
