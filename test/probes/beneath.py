"""Tries to be led out of a folder by what lies in it: prints what came of each try."""
import json
import os
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'host'))

from declaration import Declaration
from host import Host

SECRET = 'secret-of-another-tenant'
RACE_SECONDS = 1.5
# A busy machine opens little in that time; too little proves nothing.
ENOUGH = 200
LONGEST_SECONDS = 30


def outcome(host, name):
    try:
        descriptor = host.open_beneath('/logs', name)
    except (OSError, ValueError) as problem:
        return type(problem).__name__
    with open(descriptor, 'rb') as file:
        return file.read(100).decode()


def lay(root):
    logs = os.path.join(root, 'logs')
    os.makedirs(os.path.join(logs, 'folder'))
    for path, text in (('plain', 'plain'), ('twice', SECRET), ('../outside', SECRET)):
        with open(os.path.join(logs, path), 'w') as file:
            file.write(text)
    os.link(os.path.join(logs, 'twice'), os.path.join(root, 'other-name'))
    os.symlink('../outside', os.path.join(logs, 'link'))
    os.symlink('/etc/passwd', os.path.join(logs, 'absolute'))
    os.symlink('loop', os.path.join(logs, 'loop'))
    os.symlink('..', os.path.join(logs, 'up'))
    os.mkfifo(os.path.join(logs, 'fifo'))
    return logs


def race(host, logs):
    """Another process swaps the name between a plain file and a link to the secret, as fast as it can."""
    raced, fresh = os.path.join(logs, 'raced'), os.path.join(logs, 'fresh')
    pid = os.fork()
    if pid == 0:
        while True:
            with open(fresh, 'w') as file:
                file.write('plain')
            os.rename(fresh, raced)
            os.symlink('../outside', fresh)
            os.rename(fresh, raced)
    came = {'plain': 0, SECRET: 0}
    begun = time.monotonic()
    while (took := time.monotonic() - begun) < RACE_SECONDS or (came['plain'] < ENOUGH and took < LONGEST_SECONDS):
        one = outcome(host, 'raced')
        came[one] = came.get(one, 0) + 1
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return {'tries': sum(came.values()), 'opened': came['plain'], 'leaked': came[SECRET]}


with tempfile.TemporaryDirectory() as root:
    host = Host(Declaration({}), root)
    logs = lay(root)
    names = ['plain', 'folder', 'link', 'absolute', 'loop', 'up/outside', '../outside', '/etc/passwd', 'fifo', 'twice', 'none', 'plain\0b', '']
    print(json.dumps({'names': {name: outcome(host, name) for name in names}, 'race': race(host, logs)}))
