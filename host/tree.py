"""
Walks a declared folder: names and sizes only, on its own file system, no symbolic link followed, within a number
and a time.
"""
import os
import re
import stat
import time

MAXIMUM_ENTRIES = 300_000
SECONDS = 6

DAY = 86_400
# `access.log.3`, `access.log.3.gz`, `access.log-20261114`, `access.log-20261114.xz`, `app.log.old`
# ASCII digits and any line break, as `disk-space-reclaim` has it: what is deleted is what was listed.
ROTATED = re.compile(
    r'.+(\.\d{1,4}|-\d{8}(-\d{1,6})?|\.old)(\.(gz|xz|bz2|zst))?|.+\.log\.(gz|xz|bz2|zst)', re.ASCII | re.DOTALL
)


class Found:
    """A file below the folder: where the host has it, and what `stat` says."""

    __slots__ = ('path', 'bytes', 'blocks', 'modified', 'regular', 'inode')

    def __init__(self, path, status):
        self.path = path
        self.bytes = status.st_size
        self.blocks = status.st_blocks * 512
        self.modified = status.st_mtime
        self.regular = stat.S_ISREG(status.st_mode)
        self.inode = status.st_ino


class Walk:
    """`complete` is only true at the end, and when every folder could be read within the limits."""

    def __init__(self, host, folder):
        self.prefix = len(host.root.rstrip('/'))
        self.top = host.path(folder)
        self.complete = True
        self.seen = 0
        self.ends = time.monotonic() + SECONDS

    def files(self):
        """Everything below that is no folder."""
        device = os.stat(self.top).st_dev
        folders = [self.top]
        while folders:
            for entry in self.entries(folders.pop()):
                self.seen += 1
                if self.seen > MAXIMUM_ENTRIES or time.monotonic() > self.ends:
                    self.complete = False
                    return
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if status.st_dev != device:
                    continue
                if stat.S_ISDIR(status.st_mode):
                    folders.append(entry.path)
                else:
                    yield Found(entry.path[self.prefix :], status)

    def entries(self, folder):
        try:
            with os.scandir(folder) as listed:
                yield from listed
        except PermissionError:
            self.complete = False
        except FileNotFoundError:
            return


def is_rotated(path):
    return ROTATED.fullmatch(path.rsplit('/', 1)[-1]) is not None


def roots_on(host, mount):
    """Declared folders of logs that lie on a mount: the mount itself, or below it and not on another file system."""
    path = mount['path']
    device = os.stat(host.path(path)).st_dev
    below = path.rstrip('/') + '/'
    roots = [one for one in host.declaration.all('logRoot') if (one['path'] + '/').startswith(below)]
    return [one for one in roots if lies_on(host.path(one['path']), device)]


def lies_on(place, device):
    return os.path.isdir(place) and os.stat(place).st_dev == device
