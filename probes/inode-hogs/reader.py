from collections import Counter

from tree import DAY, Walk, roots_on

MAXIMUM = 10
DAYS = 7


def read(params, host):
    mount = host.mount(params['mount'])
    before = host.now() - DAYS * DAY
    roots = tuple(root['path'].rstrip('/') + '/' for root in roots_on(host, mount))
    walk = Walk(host, mount['path'])
    all_files, stale = Counter(), Counter()
    for file in walk.files():
        folder = file.path.rsplit('/', 1)[0] or '/'
        all_files[folder] += 1
        if file.regular and file.modified < before and file.path.startswith(roots):
            stale[folder] += 1
    top = all_files.most_common(MAXIMUM)
    stale_folder, stale_count = stale.most_common(1)[0] if stale else (None, 0)
    facts = {
        'folders': [f'{number} {folder}' for folder, number in top],
        'topFolder': top[0][0] if top else None,
        'topCount': top[0][1] if top else 0,
        'staleFolder': stale_folder,
        'staleCount': stale_count,
        'count': sum(all_files.values()),
        'complete': walk.complete,
    }
    return facts, '\n'.join(facts['folders'])
