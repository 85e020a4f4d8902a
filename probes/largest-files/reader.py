import heapq

from tree import Walk

MAXIMUM = 20


def read(params, host):
    walk = Walk(host, host.mount(params['mount'])['path'])
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
    facts = {
        'files': [path for _, path in largest],
        'largestBytes': largest[0][0] if largest else None,
        'visibleBytes': visible,
        'complete': walk.complete,
    }
    return facts, '\n'.join(f'{size:>12} {path}' for size, path in largest)
