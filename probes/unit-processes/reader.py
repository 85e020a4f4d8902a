import os

from host import CannotTell

MAXIMUM = 20
PAGE = os.sysconf('SC_PAGE_SIZE')
# States in which a process does not go on by itself, by the letter that the kernel has for them.
STUCK = {'T': 'stopped', 't': 'stopped by a debugger', 'Z': 'zombie', 'D': 'uninterruptible'}
# Where a control group's CPU figures stand, in either hierarchy.
CPU = ('/sys/fs/cgroup', '/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct')


def read(params, host):
    group = host.properties(params['unit'], 'ControlGroup')['ControlGroup']
    found = list(members(host, group)) if group.startswith('/') and group != '/' else []
    letters = [one[2] for one in found]
    stuck = [f'{name} {pid} process {STUCK[state]} ({state})' for name, pid, state, _, _ in found if state in STUCK]
    facts = {
        'processes': len(found),
        'threads': sum(one[3] for one in found),
        'residentBytes': sum(one[4] for one in found),
        'stuck': stuck[:MAXIMUM],
        'stopped': letters.count('T') + letters.count('t'),
        'zombies': letters.count('Z'),
        'uninterruptible': letters.count('D'),
        'throttledPercent': throttled(host, group) if found else None,
    }
    return facts, '\n'.join(f'{name} {pid} {state} {threads} {size}' for name, pid, state, threads, size in found)


def members(host, group):
    """Name, pid, state, threads and resident bytes of each process in the group or below it."""
    try:
        pids = sorted(int(pid) for pid in filter(str.isdigit, os.listdir(host.path('/proc'))))
    except OSError:
        raise CannotTell('the processes can\'t be seen') from None
    for pid in pids:
        if not within(host.text(f'/proc/{pid}/cgroup') or '', group):
            continue
        text = host.text(f'/proc/{pid}/stat') or ''
        # The name stands in brackets and may hold anything, brackets and line breaks included.
        name, rest = text[text.find('(') + 1 : text.rfind(')')], text[text.rfind(')') + 2 :].split()
        if len(rest) > 21:
            yield ' '.join(name.split()), pid, rest[0], int(rest[17]), int(rest[21]) * PAGE


def within(text, group):
    """Inside a container the path may begin above what its systemd takes for the root."""
    paths = [line.split(':', 2)[2] for line in text.splitlines() if line.count(':') >= 2]
    return any(f'{path}/'.endswith(f'{group}/') or f'{group}/' in f'{path}/' for path in paths)


def throttled(host, group):
    for place in CPU:
        lines = (host.text(f'{place}{group}/cpu.stat') or '').splitlines()
        found = dict(line.split(' ', 1) for line in lines if ' ' in line)
        periods, short = found.get('nr_periods', ''), found.get('nr_throttled', '')
        if periods.isdigit() and short.isdigit() and int(periods) > 0:
            return min(100, round(100 * int(short) / int(periods), 1))
    return None
