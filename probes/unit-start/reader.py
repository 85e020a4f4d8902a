import os
import platform
import re
import stat
import time

from host import CannotTell, first_line

NAMES = (
    'LoadState', 'FragmentPath', 'DropInPaths', 'NeedDaemonReload', 'Type', 'User', 'DynamicUser', 'WorkingDirectory',
    'RootDirectory', 'ExecStartPre', 'ExecStart', 'EnvironmentFiles', 'ConditionResult', 'ConditionTimestamp',
)
MAXIMUM = 20
HEAD = 256
DAY = 86_400
# e_machine of elf.h, by what `uname -m` says.
MACHINES = {'x86_64': 62, 'aarch64': 183, 'riscv64': 243, 's390x': 22, 'ppc64le': 21, 'armv7l': 40, 'i686': 3}
ENVIRONMENT_FILE = re.compile(r'(/.*?)(?: \(ignore_errors=(yes|no)\))?$')
FOLDERS = ('/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin')


def read(params, host):
    found = properties(host, params['unit'])
    one = {name: values[-1] for name, values in found.items()}
    programs, named = commands(found)
    environment = [ENVIRONMENT_FILE.match(text) for text in found.get('EnvironmentFiles', [])]
    required = [match[1] for match in environment if match is not None and match[2] != 'yes']
    # Below another root they are other files.
    confined = one.get('RootDirectory', '') not in ('', '/')
    problems = [] if confined else [
        *(text for path in programs for text in wrong_program(host, path)),
        *(text for path in named for text in wrong_file(host, path)),
        *(text for path in required for text in not_there(host, path)),
        *wrong_folder(host, one.get('WorkingDirectory', '')),
    ]
    problems += wrong_account(host, one)
    dropins = one.get('DropInPaths', '').split()
    watched = [one.get('FragmentPath', ''), *dropins, *programs, *named, *required]
    facts = {
        'problems': list(dict.fromkeys(problems))[:MAXIMUM],
        'type': one.get('Type', ''),
        'account': one.get('User', ''),
        'programs': [resolved(host, path) for path in dict.fromkeys([*programs, *named])][:MAXIMUM],
        'dropIns': dropins[:MAXIMUM],
        'changed': changed(host, watched)[:MAXIMUM],
        'needsReload': one.get('NeedDaemonReload') == 'yes',
        'conditionHeld': one.get('ConditionResult') == 'yes' if one.get('ConditionTimestamp', '') else None,
    }
    return facts, '\n'.join([*facts['problems'], *facts['programs'], *dropins])


def properties(host, unit):
    """By property what systemd says, each as often as it says it."""
    shown = host.run('/usr/bin/systemctl', 'show', '--no-pager', f'--property={",".join(NAMES)}', '--', unit)
    if shown.code != 0:
        raise CannotTell(f'systemd gave no answer: {first_line(shown.errors)}')
    found = {}
    for line in shown.output.splitlines():
        name, equals, value = line.partition('=')
        if equals and name in NAMES:
            found.setdefault(name, []).append(value)
    return found


def commands(found):
    """Paths of the programs, and of what else their command lines name; nothing else of a command line is read."""
    programs, named = [], []
    for text in [*found.get('ExecStartPre', []), *found.get('ExecStart', [])][:MAXIMUM]:
        match = re.match(r'\{ path=(/[^;]*?) ; argv\[\]=(.*?) ; ', text)
        if match is not None:
            programs.append(match[1])
            # Only what stands first: an option's value may be made by the program itself.
            words = match[2].split()[1:2]
            named.extend(word for word in words if re.fullmatch(r'/[\w.@%+/-]{1,300}', word))
    return list(dict.fromkeys(programs)), list(dict.fromkeys(named))


def not_there(host, path):
    """Why there is nothing behind a path; nothing where there is something, or where that can't be seen."""
    place = host.path(path)
    try:
        os.stat(place)
    except FileNotFoundError:
        link = os.readlink(place) if os.path.islink(place) else None
        yield f'{path} does not exist' if link is None else f'{path} is a dangling link to {link}'
    except NotADirectoryError:
        yield f'{path} does not exist'
    except OSError as problem:
        if problem.errno == 40:
            yield f'{path} is a link to itself'


def wrong_program(host, path):
    yield from wrong_file(host, path)
    try:
        mode = os.stat(host.path(path)).st_mode
    except OSError:
        return
    if stat.S_ISDIR(mode):
        yield f'{path} is a folder'
    elif not mode & 0o111:
        yield f'{path} is not executable (mode {stat.S_IMODE(mode):04o})'
    else:
        yield from wrong_machine(host, path)


def wrong_file(host, path):
    yield from not_there(host, path)
    head = first_bytes(host, path)
    if head is None:
        return
    if head == b'':
        yield f'{path} is empty'
    if not head.startswith(b'#!'):
        return
    line = head[2:].split(b'\n', 1)[0].decode('utf-8', 'replace')
    if line.endswith('\r'):
        wanted = line[:-1].strip()
        yield f'{path} begins with a line that ends in a carriage return (CRLF): its interpreter is "{wanted}\\r"'
    words = line.split()
    interpreter = words[1] if len(words) > 1 and words[0].endswith('/env') else words[0] if words else ''
    places = [interpreter] if interpreter.startswith('/') else [f'{folder}/{interpreter}' for folder in FOLDERS]
    if re.fullmatch(r'[\w.+/-]+', interpreter) and not any(os.path.exists(host.path(place)) for place in places):
        yield f'{path} wants the interpreter {interpreter}, which does not exist'


def wrong_machine(host, path):
    head = first_bytes(host, path)
    expected = MACHINES.get(platform.machine())
    if head is None or not head.startswith(b'\x7fELF') or len(head) < 20 or expected is None:
        return
    machine = int.from_bytes(head[18:20], 'little' if head[5] == 1 else 'big')
    if machine != expected and (machine, expected) not in ((3, 62), (40, 183)):
        yield f'{path} is built for another machine (ELF {machine}, this is {platform.machine()})'


def first_bytes(host, path):
    """None for what is no file, or may not be read."""
    try:
        descriptor = os.open(host.path(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return None
    try:
        return os.read(descriptor, HEAD) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def wrong_folder(host, text):
    """systemd writes `-` or `!` before a folder that need not be there."""
    if text.startswith('/'):
        yield from not_there(host, text)
        if os.path.isfile(host.path(text)):
            yield f'{text} is no folder'


def wrong_account(host, one):
    name = one.get('User', '')
    if name in ('', 'root') or name.isdigit() or one.get('DynamicUser') == 'yes':
        return
    known = [line.split(':', 1)[0] for line in (host.text('/etc/passwd') or '').splitlines()]
    if known and name not in known:
        yield f'its account {name} does not stand in /etc/passwd'


def resolved(host, path):
    real = os.path.realpath(host.path(path))
    shown = '/' + os.path.relpath(real, os.path.realpath(host.root))
    return path if shown == path else f'{path} -> {shown}'


def changed(host, paths):
    found = []
    for path in dict.fromkeys(path for path in paths if path.startswith('/')):
        try:
            at = os.stat(host.path(path)).st_mtime
        except OSError:
            continue
        if at >= host.now() - DAY:
            found.append((at, f'{time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))} {path}'))
    return [text for _, text in sorted(found, reverse=True)]
