"""
Puts requests through the host's real program, each in a process of its own: a list of cases as JSON in, what
happened out.
"""
import base64
import json
import os
import select
import signal
import sys
import time

sys.dont_write_bytecode = True
installed, settings = sys.argv[1:3]
sys.argv = [f'{installed}/millwright-probe']
sys.path.insert(0, installed)

from dispatch import main

PATIENCE = 30


def ask(case):
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    error_read, error_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        for descriptor, target in ((in_read, 0), (out_write, 1), (error_write, 2)):
            os.dup2(descriptor, target)
        os.closerange(3, 64)
        os.environ.update(case.get('environment', {}))
        sys.argv[1:] = case.get('arguments', [])
        code = 99
        try:
            code = main(installed, settings)
        finally:
            os._exit(code)
    for descriptor in (in_read, out_write, error_write):
        os.close(descriptor)
    began = time.monotonic()
    feed(in_write, base64.b64decode(case['request']), case.get('hold', False))
    output, errors = collect(out_read, error_read)
    if case.get('hold', False):
        os.close(in_write)
    status = os.waitpid(pid, 0)[1]
    return {
        'code': os.waitstatus_to_exitcode(status),
        'output': output.decode('utf-8', 'surrogateescape').encode('utf-8', 'replace').decode(),
        'errors': errors.decode('utf-8', 'replace'),
        'seconds': time.monotonic() - began,
    }


def feed(descriptor, request, hold):
    try:
        while request:
            request = request[os.write(descriptor, request) :]
    except BrokenPipeError:
        pass
    if not hold:
        os.close(descriptor)


def collect(*descriptors):
    kept = {descriptor: b'' for descriptor in descriptors}
    waiting = set(descriptors)
    ends = time.monotonic() + PATIENCE
    while waiting and time.monotonic() < ends:
        for descriptor in select.select(list(waiting), [], [], 1)[0]:
            part = os.read(descriptor, 65536)
            kept[descriptor] += part
            if not part:
                waiting.discard(descriptor)
    return kept.values()


signal.signal(signal.SIGPIPE, signal.SIG_IGN)
print(json.dumps([ask(case) for case in json.load(sys.stdin)]))
