import json
import time

from answer import cut, untorn

ERROR = 3
LINE = 2000
# Without --all a field over 4 KiB comes as null. So many of the newest such lines are asked for again, one by one:
# with --all for every line, one giant would push all the others out of the output that is kept.
LONG = 3
LONG_SECONDS = 1
HEAD = 1400
TAIL = 400
# From so many bytes on the output was perhaps cut, and its end is not the line's end.
WHOLE = 200 * 1024
TOO_LONG = '(too long to be read: over 4 KiB)'


def read(params, host):
    ran = host.run(
        '/usr/bin/journalctl', '--no-pager', '--quiet', '--boot', '--output=json', f'--lines={params["lines"]}',
        '--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_PID', f'--unit={params["unit"]}',
    )
    if ran.code != 0 and not ran.output:
        raise RuntimeError(f'the journal can\'t be read: {cut(ran.errors.strip(), 200)}')
    found = [entry for entry in (parse(line) for line in ran.output.splitlines()) if entry is not None]
    again = [entry for entry in found if entry.get('MESSAGE', '') is None][-LONG:]
    entries = [told(entry, long_text(entry, host) if entry in again else TOO_LONG) for entry in found]
    errors = [text for _, priority, text in entries if priority <= ERROR]
    facts = {
        'lines': len(entries),
        'errors': len(errors),
        'newest': entries[-1][0] if entries else None,
        'lastError': cut(errors[-1], 300) if errors else None,
    }
    return facts, '\n'.join(f'{clock(at)} {text}' for at, _, text in entries)


def parse(line):
    """One entry; None for one that was cut off."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def told(entry, instead):
    """
    Time, priority and text of one entry; `instead` is the text where the journal gave none. A message that is no
    text comes as a list of bytes.
    """
    message = entry.get('MESSAGE', '')
    if message is None:
        message = instead
    if isinstance(message, list):
        message = bytes(message).decode('utf-8', 'replace')
    priority = str(entry.get('PRIORITY') or 6)
    who = f'{entry.get("SYSLOG_IDENTIFIER") or "?"}[{entry.get("_PID") or "?"}]'
    at = int(entry.get('__REALTIME_TIMESTAMP', 0)) // 1_000_000
    return at, int(priority) if priority.isdigit() else 6, f'{who}: {cut(str(message), LINE)}'


def long_text(entry, host):
    """Head and tail of a line that the journal did not give at once."""
    ran = host.run(
        '/usr/bin/journalctl', '--no-pager', '--quiet', '--all', '--output=cat', '--lines=1',
        f'--cursor={entry.get("__CURSOR", "")}', seconds=LONG_SECONDS,
    )
    text = ran.output.strip()
    if not text:
        return TOO_LONG
    if ran.code == 0 and len(text.encode('utf-8', 'replace')) < WHOLE:
        tail = untorn(text[max(HEAD, len(text) - TAIL):][::-1])[::-1]
        return f'(too long, cut) {cut(text, HEAD)} … {tail}' if len(text) > HEAD else text
    return f'(too long, its end was not read) {cut(text, HEAD)} …'


def clock(epoch):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(epoch))
