from answer import cut
from host import CannotTell

MAXIMUM = 100
LIST = ('list-units', '--failed', '--all', '--plain', '--no-legend', '--no-pager', '--full')
# Of so many the reason is told, and so many lines of the journal.
EXPLAINED = 5
LINES = 8
SECONDS = 2
LONGEST = 300
# CLD_EXITED, CLD_KILLED, CLD_DUMPED of signal.h.
ENDED = {'1': 'exited', '2': 'killed by signal', '3': 'dumped by signal'}


def read(params, host):
    ran = host.run('/usr/bin/systemctl', *LIST)
    if ran.code != 0:
        raise RuntimeError('systemd gave no answer')
    units = sorted(line.split()[0] for line in ran.output.splitlines() if line.strip())
    explained = units[:EXPLAINED]
    facts = {'units': units[:MAXIMUM], 'count': len(units), 'why': [reason(unit, host) for unit in explained]}
    return facts, '\n'.join([ran.output.rstrip('\n'), *(line for unit in explained for line in journal(unit, host))])


def reason(unit, host):
    try:
        found = host.properties(unit, 'Result', 'ExecMainCode', 'ExecMainStatus')
    except CannotTell:
        return f'{unit}: systemd does not say why'
    ended = ENDED.get(found['ExecMainCode'])
    return f'{unit}: {found["Result"]}' + ('' if ended is None else f', {ended} {found["ExecMainStatus"]}')


def journal(unit, host):
    """Nothing where it can't be read: which units failed is an answer without it."""
    ran = host.run(
        '/usr/bin/journalctl', '--no-pager', '--quiet', '--boot', '--output=cat', f'--lines={LINES}', f'--unit={unit}',
        seconds=SECONDS,
    )
    lines = [line for line in ran.output.splitlines() if line.strip()]
    return [f'{unit}: {cut(line, LONGEST)}' for line in lines[-LINES:]]
