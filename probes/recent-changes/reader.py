import os
import time

from tree import DAY, Walk

MAXIMUM = 50
ACTS = ('install', 'upgrade', 'remove', 'purge')
# What dpkg leaves a package in when nothing went wrong.
ENDED = ('installed', 'config-files', 'not-installed')


def read(params, host):
    since = host.now() - DAY
    log = package_log(host)
    packages = package_changes(log, since)
    configs = sorted(config_changes(host, since), reverse=True)
    facts = {
        'packages': None if packages is None else [text for _, text in packages[-MAXIMUM:]],
        'unfinished': None if log is None else unfinished(log)[-MAXIMUM:],
        'lastPackageChange': packages[-1][0] if packages else None,
        'configs': [path for _, path in configs[:MAXIMUM]],
        'lastConfigChange': int(configs[0][0]) if configs else None,
        'count': len(packages or []) + len(configs),
        'uptimeSeconds': host.uptime(),
    }
    shown = [f'{clock(at)} {text}' for at, text in (packages or [])[-MAXIMUM:]]
    return facts, '\n'.join(shown + [f'{clock(at)} {path}' for at, path in configs[:MAXIMUM]])


def package_log(host):
    """Lines of dpkg's log; None when there is none. The end of a long log is enough."""
    try:
        descriptor = os.open(host.path('/var/log/dpkg.log'), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with open(descriptor, 'rb') as file:
        file.seek(max(0, os.fstat(descriptor).st_size - 256 * 1024))
        return file.read(256 * 1024).decode('utf-8', 'replace').splitlines()


def package_changes(log, since):
    """The log is written in the host's own time."""
    if log is None:
        return None
    return [change for change in (parse(line) for line in log) if change is not None and change[0] >= since]


def unfinished(log):
    """By the last word about each package, whenever that was."""
    last = {}
    for words in (line.split() for line in log):
        if len(words) >= 5 and words[2] == 'status':
            # Of a package that is not unpacked yet the log does not say the architecture.
            last[words[4].split(':')[0]] = words[3]
    return [f'{state} {package}' for package, state in last.items() if state not in ENDED]


def parse(line):
    words = line.split()
    if len(words) < 5 or words[2] not in ACTS:
        return None
    numbers = f'{words[0]} {words[1]}'.replace('-', ' ').replace(':', ' ').split()
    if len(numbers) != 6 or not all(number.isdigit() for number in numbers):
        return None
    at = int(time.mktime((*map(int, numbers), 0, 0, -1)))
    version = words[5] if words[2] in ('install', 'upgrade') and len(words) > 5 else words[4]
    return at, f'{words[2]} {words[3]} {version}'


def config_changes(host, since):
    found = {}
    for config in (config for unit in host.declaration.all('unit') for config in unit.get('configs', [])):
        path = config['path']
        if os.path.isdir(host.path(path)):
            found.update({file.path: file.modified for file in Walk(host, path).files() if file.modified >= since})
        elif os.path.exists(host.path(path)) and os.stat(host.path(path)).st_mtime >= since:
            found[path] = os.stat(host.path(path)).st_mtime
    return [(at, path) for path, at in found.items()]


def clock(at):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(at))
