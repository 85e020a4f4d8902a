import json
import time

ERROR = 3
LINE = 2000


def read(params, host):
    ran = host.run(
        '/usr/bin/journalctl', '--no-pager', '--quiet', '--boot', '--output=json', f'--lines={params["lines"]}',
        '--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_PID', f'--unit={params["unit"]}',
    )
    if ran.code != 0 and not ran.output:
        raise RuntimeError(f'the journal can\'t be read: {ran.errors.strip()[:200]}')
    entries = [entry for entry in (parse(line) for line in ran.output.splitlines()) if entry is not None]
    errors = [text for _, priority, text in entries if priority <= ERROR]
    facts = {
        'lines': len(entries),
        'errors': len(errors),
        'newest': entries[-1][0] if entries else None,
        'lastError': errors[-1][:300] if errors else None,
    }
    return facts, '\n'.join(f'{clock(at)} {text}' for at, _, text in entries)


def parse(line):
    """
    Time, priority and text of one entry; None for one that was cut off. A message that is no text comes as a list
    of bytes.
    """
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    message = entry.get('MESSAGE', '')
    if isinstance(message, list):
        message = bytes(message).decode('utf-8', 'replace')
    priority = str(entry.get('PRIORITY') or 6)
    who = f'{entry.get("SYSLOG_IDENTIFIER", "?")}[{entry.get("_PID", "?")}]'
    at = int(entry.get('__REALTIME_TIMESTAMP', 0)) // 1_000_000
    return at, int(priority) if priority.isdigit() else 6, f'{who}: {str(message)[:LINE]}'


def clock(epoch):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(epoch))
