"""Runs readers against recorded hosts: reads a list of cases as JSON on stdin, writes what each reader answered."""
import json
import os
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'host'))

from declaration import Declaration
from host import Host, Ran
from readers import load_reader


def lay(root, files):
    """Writes a case's files below a folder; older ones last, so that no later write changes a time."""
    for path, what in files.items():
        place = os.path.join(root, path.lstrip('/'))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if 'link' in what:
            os.symlink(what['link'], place)
            continue
        with open(place, 'wb') as file:
            file.write(what['text'].encode() if 'text' in what else b'x' * what.get('bytes', 0))
        os.chmod(place, what.get('mode', 0o644))
        at = what.get('at', time.time() - what.get('ageDays', 0) * 86_400)
        os.utime(place, (at, at))


def recorded(commands):
    """Only the recorded command lines, to the letter: whatever else a reader runs is an error."""

    def run(argv, _seconds):
        for one in commands:
            if one['argv'] == argv:
                return Ran(one['code'], one['output'], one['errors'])
        raise AssertionError(f'not recorded: {argv}')

    return run


def answer(case):
    with tempfile.TemporaryDirectory() as root:
        os.makedirs(os.path.join(root, 'proc'))
        lay(root, case.get('files', {}))
        now = (lambda: case['now']) if 'now' in case else time.time
        host = Host(Declaration(case['declaration']), root, recorded(case['commands']), now)
        try:
            facts, excerpt = load_reader(case['reader']).read(case['params'], host)
            return {'facts': facts, 'excerpt': excerpt}
        except Exception as problem:
            return {'broken': f'{type(problem).__name__}: {problem}'}


print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
