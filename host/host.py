"""
What a reader is given: the host's declaration, its files, and programs run with a fixed command line. Nothing here
writes.
"""
import os
import select
import signal
import stat
import time

from answer import cut
from confine import open_beneath

ENVIRONMENT = {
    'PATH': '/usr/sbin:/usr/bin:/sbin:/bin',
    'LC_ALL': 'C.UTF-8',
    'TZ': 'UTC',
    'SYSTEMD_PAGER': '',
    'SYSTEMD_COLORS': '0',
}
MAXIMUM_OUTPUT = 256 * 1024
MAXIMUM_FILE = 256 * 1024


class CannotTell(Exception):
    """A reader raises it when the host gives no answer at all: the outcome is `broken`, with these words."""


class Ran:
    def __init__(self, code, output, errors):
        self.code = code
        self.output = output
        self.errors = errors


def spawn(argv, seconds):
    """Runs a program by its absolute path: no shell, clean environment, nothing on stdin, bounded output and time."""
    out_read, out_write = os.pipe()
    error_read, error_write = os.pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, '/dev/null', os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, out_write, 1),
        (os.POSIX_SPAWN_DUP2, error_write, 2),
    ]
    try:
        pid = os.posix_spawn(argv[0], argv, ENVIRONMENT, file_actions=actions)
    except OSError as problem:
        raise CannotTell(f'{argv[0]} could not be run: {problem.strerror}') from None
    finally:
        os.close(out_write)
        os.close(error_write)
    kept = drain({out_read: bytearray(), error_read: bytearray()}, pid, time.monotonic() + seconds)
    status = os.waitpid(pid, 0)[1]
    output, errors = (bytes(kept[one]).decode('utf-8', 'replace') for one in (out_read, error_read))
    return Ran(os.waitstatus_to_exitcode(status), output, errors)


def drain(kept, pid, deadline):
    waiting = set(kept)
    while waiting:
        ready = select.select(list(waiting), [], [], max(0, deadline - time.monotonic()))[0]
        if not ready:
            os.kill(pid, signal.SIGKILL)
            break
        for one in ready:
            part = os.read(one, 65536)
            if not part:
                waiting.discard(one)
            # Read on past the limit, so that the program ends by itself; what is too much is not kept.
            kept[one] += part[: max(0, MAXIMUM_OUTPUT - len(kept[one]))]
    for one in kept:
        os.close(one)
    return kept


class Host:
    """`root` and `run` differ from the real ones only where readers are tested against recorded hosts."""

    def __init__(self, declaration, root='/', run=spawn, now=time.time):
        self.declaration = declaration
        self.root = root
        self.run_program = run
        self.now = now

    def unit(self, name):
        return self.declaration.one('unit', name)

    def mount(self, name):
        return self.declaration.one('mount', name)

    def endpoint(self, name):
        return self.declaration.one('endpoint', name)

    def path(self, path):
        """Where a declared or well-known path stands."""
        return os.path.join(self.root, path.lstrip('/'))

    def run(self, *argv, seconds=8):
        return self.run_program(list(argv), seconds)

    def text(self, path):
        """A small file's text (of /proc, /sys, /etc); None when it is not there or may not be read."""
        try:
            descriptor = os.open(self.path(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError:
            return None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            return read_all(descriptor).decode('utf-8', 'replace')
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def number(self, path):
        """A file that holds one whole number; None for anything else."""
        text = (self.text(path) or '').strip()
        return int(text) if text.isdigit() else None

    def open_beneath(self, folder, name):
        """A regular file with one name, somewhere under a declared folder, opened for reading. Raises OSError."""
        base = os.open(self.path(folder), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            descriptor = open_beneath(base, name)
        finally:
            os.close(base)
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
            return descriptor
        os.close(descriptor)
        raise OSError(1, 'not a regular file with one name')

    def properties(self, unit, *names):
        """What systemd says of a unit, by property; an empty text for what it does not say."""
        wanted = f'--property={",".join(names)}'
        shown = self.run('/usr/bin/systemctl', 'show', '--no-pager', '--timestamp=unix', wanted, '--', unit)
        if shown.code != 0:
            raise CannotTell(f'systemd gave no answer: {first_line(shown.errors)}')
        found = dict(line.split('=', 1) for line in shown.output.splitlines() if '=' in line)
        return {name: found.get(name, '') for name in names}

    def uptime(self):
        """Seconds since the host's first process began; in a container that is not the machine's."""
        machine = (self.text('/proc/uptime') or '').split('.')[0]
        first = (self.text('/proc/1/stat') or '').rpartition(')')[2].split()
        if not machine.isdigit() or len(first) < 20:
            return None
        return max(0, int(machine) - int(first[19]) // os.sysconf('SC_CLK_TCK'))

    def epoch(self, text):
        """systemd's unix time stamp as seconds; None for "never"."""
        return int(text[1:]) if text.startswith('@') and text[1:].isdigit() and text != '@0' else None

    def oom_kills(self, control_group):
        """
        Out-of-memory kills counted in a unit's control group, in either hierarchy; None when there is no such
        group.
        """
        if not control_group.startswith('/'):
            return None
        found = self.oom_kills_in(f'/sys/fs/cgroup{control_group}/memory.events')
        return self.oom_kills_in(f'/sys/fs/cgroup/memory{control_group}/memory.oom_control') if found is None else found

    def oom_kills_in(self, path):
        for line in (self.text(path) or '').splitlines():
            name, _, value = line.partition(' ')
            if name == 'oom_kill' and value.isdigit():
                return int(value)
        return None


def read_all(descriptor):
    parts = bytearray()
    while len(parts) < MAXIMUM_FILE:
        part = os.read(descriptor, 65536)
        if not part:
            break
        parts += part
    return bytes(parts[:MAXIMUM_FILE])


def first_line(text):
    return cut(text.strip().split('\n', 1)[0], 300)
