"""One request, one line of JSON, always: a denial is an answer, too, and a crash would be a defect."""
import json
import os
import signal
import sys

import declaration as declared
from answer import clock, encode, pack
from host import Host
from readers import run_all
from request import Denied, parse, problem, read_bytes

SESSION_SECONDS = 40
# The one word that a client may send as its command; sshd runs this program whatever was sent.
WORD = 'probe'


def main(installed, settings):
    """Answers on stdout. Returns 0 when probes were answered, 2 for a denial, 1 when this host is not set up."""
    signal.alarm(SESSION_SECONDS)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    command = os.environ.get('SSH_ORIGINAL_COMMAND', '')
    os.environ.clear()
    os.chdir('/')
    os.umask(0o077)
    schema = None
    try:
        schema = load(installed, 'schema.json')
        host_id = text(settings, 'host-id')
        try:
            reply = answer(command, schema, installed, settings)
            code = 0
        except Denied as denied:
            reply, code = denial(denied.code, str(denied), **denied.details), 2
        reply = {'version': 1, 'host': host_id, 'schema': schema['digest'], 'clock': clock(), **reply}
    except Exception as broken:
        # Only the kind of error: its text could repeat what was sent.
        reply, code = {'version': 1, **denial('not-set-up', f'the program failed: {type(broken).__name__}')}, 1
    say(encode(reply))
    return code


def answer(command, schema, installed, settings):
    if command not in ('', WORD) or sys.argv[1:] not in ([], ['-c', f'{installed}/millwright-probe']):
        raise Denied('bad-command', 'this account answers probes and nothing else')
    request = parse(read_bytes(0))
    if request['schema'] != schema['digest']:
        asked = request['schema']
        says = f'asked with schema {asked}, installed is {schema["digest"]}: run onboard-host again'
        raise Denied('schema-mismatch', says, asked=asked)
    host = Host(declared.load(os.path.join(settings, 'declaration.json')))
    refusals = [problem(one, schema, host.declaration) for one in request['requests']]
    allowed = [one for one, refusal in zip(request['requests'], refusals) if refusal is None]
    answered = iter(run_all(allowed, schema, os.path.join(installed, 'readers'), host))
    answers = [next(answered) if why is None else refused(one, why) for one, why in zip(request['requests'], refusals)]
    return {'answers': pack(answers)}


def refused(request, message):
    # Parameters are repeated only once they were checked; the order says which request this answers.
    return {'probe': request['probe'], 'clock': clock(), 'milliseconds': 0, 'outcome': 'refused', 'message': message}


def denial(code, message, **details):
    return {'denied': {'code': code, 'message': message, **details}}


def load(folder, name):
    return json.loads(text(folder, name))


def text(folder, name):
    with open(os.path.join(folder, name), encoding='utf-8') as file:
        return file.read().strip()


def say(line):
    data = memoryview((line + '\n').encode('utf-8', 'replace'))
    while data:
        data = data[os.write(1, data) :]
