import json
import os

RUNS = '/var/lib/millwright/runs'
# The newest first; a run that is older than so many others is over for long.
MAXIMUM_RUNS = 500
COUNTS = ('ok', 'failures', 'unreachable', 'changed', 'skipped', 'rescued', 'ignored')
NOTHING = dict.fromkeys(('run', 'planDigest', 'fence', 'host', *COUNTS, 'tasks', 'failedTask', 'ended', 'left'))


def read(params, host):
    for name in newest(host):
        begun = record(host, name, 'begun')
        if begun.get('fence') == params['fence']:
            return told(host, name, begun)
    return {'found': False, **NOTHING}, ''


def newest(host):
    """Run ids begin with their time, so that names sort by age."""
    try:
        names = os.listdir(host.path(RUNS))
    except FileNotFoundError:
        return []
    return sorted((name for name in names if name.startswith('run_')), reverse=True)[:MAXIMUM_RUNS]


def record(host, name, part):
    try:
        value = json.loads(host.text(f'{RUNS}/{name}/{part}.json') or '{}')
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def told(host, name, begun):
    result = record(host, name, 'result')
    ended = record(host, name, 'ended')
    counted = next(iter(result.get('hosts', {}).items()), (None, {}))
    facts = {
        'found': True,
        'run': name,
        'planDigest': begun.get('plan'),
        'fence': begun.get('fence'),
        'host': counted[0],
        **{count: counted[1].get(count) for count in COUNTS},
        'tasks': result.get('tasks'),
        'failedTask': result.get('failedTask'),
        'ended': ended.get('how'),
        'left': ended.get('left'),
    }
    return facts, '\n'.join(json.dumps(one) for one in (begun, result, ended) if one)
