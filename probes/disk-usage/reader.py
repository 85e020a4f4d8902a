import os


def read(params, host):
    path = host.mount(params['mount'])['path']
    place = host.path(path)
    stat = os.statvfs(place)
    used = stat.f_blocks - stat.f_bfree
    shared = used + stat.f_bavail
    inodes = stat.f_files
    facts = {
        'mounted': os.path.ismount(place),
        'usedPercent': round(100 * used / shared, 1) if shared else 0,
        'sizeBytes': stat.f_blocks * stat.f_frsize,
        'freeBytes': stat.f_bavail * stat.f_frsize,
        'inodesUsedPercent': round(100 * (inodes - stat.f_ffree) / inodes, 1) if inodes else None,
        'inodesFree': stat.f_favail if inodes else None,
        'readOnly': bool(stat.f_flag & os.ST_RDONLY),
        'fileSystem': file_system(path, host.text('/proc/self/mounts') or ''),
    }
    return facts, '\n'.join([path, *(f'{name} {value}' for name, value in facts.items())])


def file_system(path, mounts):
    """Of the mount that the path lies on: the longest mount point above it, the last one where two are stacked."""
    best = ('', None)
    for line in mounts.splitlines():
        point, kind = line.split()[1:3]
        above = path == point or path.startswith(point.rstrip('/') + '/')
        if above and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]
