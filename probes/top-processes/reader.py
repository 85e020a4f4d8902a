import os
import re
import time

SAMPLE_SECONDS = 0.25
MAXIMUM = 10
# This program itself, as the kernel cuts its name.
OWN = 'millwright-prob'
TICKS = os.sysconf('SC_CLK_TCK')
PAGE = os.sysconf('SC_PAGE_SIZE')


def read(params, host):
    before, began = sample(host), time.monotonic()
    time.sleep(SAMPLE_SECONDS)
    after, passed = sample(host), time.monotonic() - began
    busy = [(one[0], pid, percent(before.get(pid), one, passed)) for pid, one in after.items()]
    large = [(name, pid, size) for pid, (name, _, _, size) in after.items()]
    by_cpu = sorted((one for one in busy if one[2] > 0), key=lambda one: -one[2])[:MAXIMUM]
    by_memory = sorted(large, key=lambda one: -one[2])[:MAXIMUM]
    facts = {
        'byCpu': [f'{name} {pid} {share}{unit_of(host, pid)}' for name, pid, share in by_cpu],
        'byMemory': [f'{name} {pid} {size}{unit_of(host, pid)}' for name, pid, size in by_memory],
        'busiest': by_cpu[0][0] if by_cpu else None,
        'busiestPercent': by_cpu[0][2] if by_cpu else 0,
        'largest': by_memory[0][0] if by_memory else None,
        'largestBytes': by_memory[0][2] if by_memory else 0,
        'processes': len(after),
    }
    return facts, '\n'.join(['% CPU', *facts['byCpu'], 'bytes', *facts['byMemory']])


def sample(host):
    """By pid: name, start, ticks of CPU, resident bytes."""
    found = {}
    for pid in filter(str.isdigit, os.listdir(host.path('/proc'))):
        text = host.text(f'/proc/{pid}/stat')
        if text is None:
            continue
        # The name stands in brackets and may hold anything, brackets included.
        name = text[text.index('(') + 1 : text.rindex(')')]
        rest = text[text.rindex(')') + 2 :].split()
        if name == OWN:
            continue
        found[int(pid)] = (name, int(rest[19]), int(rest[11]) + int(rest[12]), int(rest[21]) * PAGE)
    return found


def unit_of(host, pid):
    """The innermost unit or scope of its control group, after a space; empty for one in none, or that has ended."""
    text = host.text(f'/proc/{pid}/cgroup') or ''
    units = re.findall(r'[^/\n]+\.(?:service|scope)(?=/|$)', text, re.MULTILINE)
    return f' {units[-1]}' if units else ''


def percent(before, now, seconds):
    """A pid that meanwhile belongs to another process used nothing that we know of."""
    if before is None or before[1] != now[1]:
        return 0
    return round(100 * (now[2] - before[2]) / TICKS / seconds, 1)
