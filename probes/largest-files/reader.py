import heapq
import os

from tree import Walk, roots_on

MAXIMUM = 20


def read(params, host):
    mount = host.mount(params['mount'])
    walk = Walk(host, mount['path'])
    largest, visible = [], 0
    for file in walk.files():
        visible += file.blocks
        if not file.regular:
            continue
        item = (file.bytes, file.path)
        if len(largest) < MAXIMUM:
            heapq.heappush(largest, item)
        else:
            heapq.heappushpop(largest, item)
    largest.sort(key=lambda item: (-item[0], item[1]))
    bytes, largest_path = largest[0] if largest else (None, None)
    roots = tuple(root['path'].rstrip('/') + '/' for root in roots_on(host, mount))
    facts = {
        'files': [path for _, path in largest],
        'largestBytes': bytes,
        'largest': largest_path,
        'largestPercent': share(bytes, os.statvfs(host.path(mount['path']))),
        'largestIsLog': largest_path is not None and largest_path.startswith(roots) and largest_path.endswith('.log'),
        'visibleBytes': visible,
        'complete': walk.complete,
    }
    return facts, '\n'.join(f'{size:>12} {path}' for size, path in largest)


def share(taken, space):
    whole = space.f_blocks * space.f_frsize
    return min(100, round(100 * taken / whole, 1)) if taken is not None and whole else None
