import os
import re

MAXIMUM = 20
FULL = 85
KINDS = set('ext2 ext3 ext4 xfs btrfs zfs f2fs jfs reiserfs vfat bcachefs overlay tmpfs'.split())
# What systemd and package managers mount read-only, or for one program.
APART = re.compile(r'/(?:run/(?:credentials|host|systemd|user)|sys|proc|dev|snap|var/lib/(?:docker|containers))(?:/|$)')


def read(params, host):
    found = list(mounts(host))
    bytes_used = [(path, used(host, path, 'f_blocks', 'f_bfree', 'f_bavail')) for path, _, _ in found]
    inodes_used = [(path, used(host, path, 'f_files', 'f_ffree', 'f_favail')) for path, _, _ in found]
    facts = {
        'fileSystems': len(found),
        'full': nearly(bytes_used),
        'fullInodes': nearly(inodes_used),
        'readOnly': [f'{path} {kind}' for path, kind, options in found if 'ro' in options][:MAXIMUM],
    }
    return facts, '\n'.join(f'{path} {share} %' for path, share in bytes_used if share is not None)


def mounts(host):
    """Path, kind and options of each; of two at one path the later one is what is seen."""
    seen = {}
    for words in (line.split() for line in (host.text('/proc/self/mounts') or '').splitlines()):
        if len(words) >= 4 and words[2] in KINDS:
            path = re.sub(r'\\([0-7]{3})', lambda match: chr(int(match[1], 8)), words[1])
            if path.startswith('/') and APART.match(path) is None:
                seen[path] = (path, words[2], words[3].split(','))
    return seen.values()


def used(host, path, total, free, available):
    try:
        status = os.statvfs(host.path(path))
    except OSError:
        return None
    taken = getattr(status, total) - getattr(status, free)
    room = taken + getattr(status, available)
    return round(100 * taken / room, 1) if room > 0 else None


def nearly(shares):
    return [f'{path} {share} %' for path, share in shares if share is not None and share >= FULL][:MAXIMUM]
