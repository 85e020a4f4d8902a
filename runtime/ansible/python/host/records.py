"""What stands on the disk: the records of runs, and what a run leaves there."""

import itertools
import os
import stat as modes
import time

# A record goes when so many newer ones are there and nobody can ask for it any more: a lost run is asked for within
# the hour.
KEPT_RECORDS = 500
KEPT_SECONDS = 30 * 24 * 3600
# A run begins within seconds; whatever is more than this waits for the next.
MOST_REMOVED = 200


def highest_fence(state):
    try:
        with open(os.path.join(state, "fence"), encoding="ascii") as file:
            return int(file.read())
    except FileNotFoundError:
        return 0


def prune(runs):
    """Run ids begin with their time, so that names sort by age."""
    names = sorted(name for name in os.listdir(runs) if name.startswith("run_"))
    before = time.time() - KEPT_SECONDS
    for name in names[:-KEPT_RECORDS][:MOST_REMOVED]:
        folder = os.path.join(runs, name)
        try:
            status = os.lstat(folder)
            if modes.S_ISDIR(status.st_mode) and status.st_mtime < before:
                for part in os.listdir(folder):
                    os.unlink(os.path.join(folder, part))
                os.rmdir(folder)
        except OSError:
            continue


def sweep(folder):
    """What an earlier run left of Ansible's own files, where it was killed. Whoever writes there can lead nobody out of it."""
    try:
        with os.scandir(folder) as entries:
            left = [entry.path for entry in itertools.islice(entries, MOST_REMOVED) if entry.name.startswith("ansible-")]
    except OSError:
        return
    if not left:
        return
    # Costs a run that finds nothing no time. It follows no link, also none that was put there meanwhile.
    import shutil

    for path in left:
        try:
            if os.path.islink(path):
                os.unlink(path)
            else:
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            continue


def boot():
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def write(path, text, mode):
    """The whole text or nothing, on the disk before this returns."""
    descriptor = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.fchmod(descriptor, mode)
        left = text.encode()
        # On a disk that is nearly full a part is taken; the rest is refused.
        while left:
            left = left[os.write(descriptor, left):]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(path + ".new", path)
    sync(os.path.dirname(path))


def sync(folder):
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
