import os

from tree import Walk

MAXIMUM = 100


def read(params, host):
    path = host.mount(params['mount'])['path']
    place = host.path(path)
    found, unseen = deleted(host, os.stat(place).st_dev)
    space = os.statvfs(place)
    total = space.f_blocks * space.f_frsize
    missing = unaccounted(host, path, (space.f_blocks - space.f_bfree) * space.f_frsize)
    lines = [f'{pid} {name} {size} {former}' for pid, name, size, former, _ in found]
    sizes = {inode: size for _, _, size, _, inode in found}
    facts = {
        'files': lines[:MAXIMUM],
        'bytes': sum(sizes.values()) if unseen == 0 else None,
        'unaccountedBytes': missing,
        'unaccountedPercent': None if missing is None or not total else round(100 * missing / total, 1),
        'unseenProcesses': unseen,
    }
    return facts, '\n'.join(lines[:MAXIMUM])


def unaccounted(host, path, used):
    walk = Walk(host, path)
    taken, inodes = 0, set()
    for file in walk.files():
        # Several names of one file take its space once.
        if file.inode not in inodes:
            inodes.add(file.inode)
            taken += file.blocks
    return max(0, used - taken) if walk.complete else None


def deleted(host, device):
    """Deleted open files on a device, as far as they may be seen, and of how many processes nothing may be seen."""
    found, unseen = [], 0
    processes = host.path('/proc')
    for pid in filter(str.isdigit, os.listdir(processes)):
        folder = f'{processes}/{pid}/fd'
        try:
            descriptors = os.listdir(folder)
        except PermissionError:
            unseen += 1
            continue
        except OSError:
            continue
        for descriptor in descriptors:
            one = deleted_file(f'{folder}/{descriptor}', device)
            if one is not None:
                name = (host.text(f'/proc/{pid}/comm') or '?').strip()
                found.append((int(pid), name, *one))
    return sorted(found, key=lambda item: -item[2]), unseen


def deleted_file(link, device):
    try:
        former = os.readlink(link)
        if not former.endswith(' (deleted)'):
            return None
        status = os.stat(link)
    except OSError:
        return None
    same = status.st_dev == device and status.st_nlink == 0
    return (status.st_blocks * 512, former.removesuffix(' (deleted)'), status.st_ino) if same else None
