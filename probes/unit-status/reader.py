NAMES = (
    'LoadState', 'ActiveState', 'SubState', 'Result', 'MainPID', 'ExecMainStatus', 'ExecMainCode', 'NRestarts',
    'Restart', 'ActiveEnterTimestamp', 'InactiveEnterTimestamp', 'ActiveExitTimestamp', 'MemoryCurrent', 'MemoryMax',
    'UnitFileState', 'ControlGroup', 'StatusText',
)
# CLD_EXITED, CLD_KILLED, CLD_DUMPED of signal.h.
ENDED = {'1': 'exited', '2': 'killed', '3': 'dumped'}


def read(params, host):
    unit = params['unit']
    found = host.properties(unit, *NAMES)
    facts = {
        'loadState': found['LoadState'],
        'activeState': found['ActiveState'],
        'subState': found['SubState'],
        'result': found['Result'],
        'mainPid': number(found['MainPID']) or 0,
        'execMainStatus': number(found['ExecMainStatus']) or 0,
        'execMainCode': ENDED.get(found['ExecMainCode']),
        'nRestarts': number(found['NRestarts']) or 0,
        'restart': found['Restart'],
        'activeSince': host.epoch(found['ActiveEnterTimestamp']),
        'inactiveSince': host.epoch(found['ActiveExitTimestamp']),
        'startLimitHit': found['Result'] == 'start-limit-hit',
        'memoryCurrent': number(found['MemoryCurrent']),
        'memoryMax': number(found['MemoryMax']),
        'oomKills': host.oom_kills(found['ControlGroup']),
        'unitFileState': found['UnitFileState'],
    }
    return facts, '\n'.join(f'{name}={value}' for name, value in found.items())


def number(text):
    """systemd writes what it does not know, and "no limit", in words or as 2^64 - 1."""
    return int(text) if text.isdigit() and int(text) < 2**63 else None
