def read(params, host):
    machine = of_machine(host)
    group = of_group(host) if in_container(host) else None
    facts = group if group is not None and group['totalBytes'] < machine['totalBytes'] else machine
    return facts, '\n'.join(f'{name} {value}' for name, value in facts.items())


def in_container(host):
    """There /proc/meminfo is the machine's."""
    return host.text('/run/systemd/container') is not None


def of_machine(host):
    found = {}
    for line in (host.text('/proc/meminfo') or '').splitlines():
        name, _, rest = line.partition(':')
        found[name] = int(rest.split()[0]) * 1024
    kills = statistic(host, '/proc/vmstat', 'oom_kill')
    swap = found.get('SwapTotal', 0) - found.get('SwapFree', 0)
    # In a container they would be somebody else's kills.
    return facts('machine', found['MemTotal'], found['MemAvailable'], swap, None if in_container(host) else kills)


def of_group(host):
    """The host's own control group, seen from inside as the root of its hierarchy or where its first process is."""
    for place in groups(host):
        limit, used = host.number(f'{place}/memory.max'), host.number(f'{place}/memory.current')
        cache, kills = 'inactive_file', host.oom_kills_in(f'{place}/memory.events')
        if used is None:
            limit, used = host.number(f'{place}/memory.limit_in_bytes'), host.number(f'{place}/memory.usage_in_bytes')
            cache, kills = 'total_inactive_file', host.oom_kills_in(f'{place}/memory.oom_control')
        if limit is not None and used is not None:
            taken = max(0, used - (statistic(host, f'{place}/memory.stat', cache) or 0))
            return facts('control-group', limit, max(0, limit - taken), None, kills)
    return None


def groups(host):
    for line in (host.text('/proc/1/cgroup') or '').splitlines():
        _, controllers, path = line.split(':', 2)
        top = path.removesuffix('/init.scope')
        if controllers == '':
            yield f'/sys/fs/cgroup{top}'
        elif 'memory' in controllers.split(','):
            yield f'/sys/fs/cgroup/memory{top}'
    yield '/sys/fs/cgroup'
    yield '/sys/fs/cgroup/memory'


def statistic(host, path, name):
    lines = (host.text(path) or '').splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(f'{name} ')), None)


def facts(source, total, available, swap, kills):
    used = round(100 * (total - available) / total, 1) if total else 0
    return {
        'source': source,
        'totalBytes': total,
        'availableBytes': available,
        'usedPercent': min(100, max(0, used)),
        'swapUsedBytes': swap,
        'oomKills': kills,
    }
