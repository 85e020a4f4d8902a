import os

NAMES = ('MainPID', 'MemoryCurrent', 'MemoryMax', 'TasksCurrent', 'TasksMax', 'LimitNOFILESoft')


def read(params, host):
    found = host.properties(params['unit'], *NAMES)
    pid = found['MainPID'] if found['MainPID'].isdigit() and found['MainPID'] != '0' else None
    facts = {
        'memory': number(found['MemoryCurrent']),
        'memoryMax': number(found['MemoryMax']),
        'tasks': number(found['TasksCurrent']),
        'tasksMax': number(found['TasksMax']),
        'openFiles': open_files(host, pid),
        'openFilesMax': files_limit(host, pid) or number(found['LimitNOFILESoft']),
    }
    used = [
        (share(facts['memory'], facts['memoryMax']), 'memory'),
        (share(facts['tasks'], facts['tasksMax']), 'tasks'),
        (share(facts['openFiles'], facts['openFilesMax']), 'open files'),
    ]
    percent, nearest = max((one for one in used if one[0] is not None), default=(None, None))
    facts.update(nearest=nearest, nearestPercent=percent)
    return facts, '\n'.join(f'{name}={value}' for name, value in found.items())


def number(text):
    """systemd writes "no limit" in words or as 2^64 - 1."""
    return int(text) if text.isdigit() and int(text) < 2**63 else None


def share(used, most):
    return None if used is None or not most else min(100, round(100 * used / most, 1))


def open_files(host, pid):
    if pid is None:
        return None
    try:
        return len(os.listdir(host.path(f'/proc/{pid}/fd')))
    except OSError:
        return None


def files_limit(host, pid):
    for line in (host.text(f'/proc/{pid}/limits') or '').splitlines():
        if line.startswith('Max open files'):
            return number(line.split()[3])
    return None
