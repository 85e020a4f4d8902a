NAMES = ('Result', 'ControlGroup', 'ExecMainCode', 'ExecMainStatus', 'MemoryMax', 'MemoryLimit')
UNLIMITED = 2**63
KILL = '9'
CLD_KILLED = '2'


def read(params, host):
    unit = params['unit']
    found = host.properties(unit, *NAMES)
    kills = host.oom_kills(found['ControlGroup'])
    noted, text = notes(host, unit)
    limits = [int(found[name]) for name in ('MemoryMax', 'MemoryLimit') if found[name].isdigit()]
    limit = next((one for one in limits if one < UNLIMITED), None)
    sure = found['Result'] == 'oom-kill' or bool(kills) or noted is not None
    facts = {
        # No counter and no note, but killed: nobody counted, so nobody knows.
        'killed': True if sure else None if kills is None and main_killed(found) else False,
        'kills': kills,
        'last': noted,
        'limitBytes': limit,
        'mainKilled': main_killed(found),
    }
    return facts, text


def main_killed(found):
    return found['ExecMainCode'] == CLD_KILLED and found['ExecMainStatus'] == KILL


def notes(host, unit):
    """systemd's own words about it in the unit's journal of this boot: the time of the newest, and the lines."""
    ran = host.run(
        '/usr/bin/journalctl', '--no-pager', '--quiet', '--boot', '--output=short-unix', '--lines=20',
        f'--unit={unit}', '--grep=oom-kill|OOM killer|Out of memory',
    )
    lines = [line for line in ran.output.splitlines() if line.strip()]
    stamp = lines[-1].split('.', 1)[0] if lines else ''
    return (int(stamp) if stamp.isdigit() else None), '\n'.join(lines)
