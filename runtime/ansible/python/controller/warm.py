# SPDX-License-Identifier: GPL-3.0-or-later
"""A parent that has imported Ansible and forks once per run. It knows no secret and runs no play itself.

    warm.py <ansible-playbook> <folder for built modules>

Requests are lines of JSON on standard input: the run's folder, the control group's list of processes, the environment, the arguments.
Answers are lines of JSON on standard output: which process carries a run out, and when it has ended. It ends when its input does; its
children live on, each in the control group of its run. GPL-3.0-or-later because it imports Ansible.
"""

import gc
import json
import os
import resource
import signal
import socket
import sys
import selectors

FILE_BYTES = 16 * 1024 * 1024
MEMORY_BYTES = 4 * 1024 * 1024 * 1024
EVENTS = 3
RECORD = 4
LONGEST_REQUEST = 65536


def prepare(program):
    """Imports what every run needs. Debian's unpacked libraries stand beside their program and not beside its Python."""
    root = os.path.dirname(os.path.dirname(os.path.realpath(program)))
    libraries = os.path.join(root, "usr", "lib", "python3", "dist-packages")
    if os.path.isdir(libraries):
        sys.path.insert(0, libraries)
        os.environ["PYTHONPATH"] = libraries
    sys.argv[:] = [program]
    from ansible.cli.playbook import PlaybookCLI
    from ansible.plugins import loader
    import ansible.executor.task_queue_manager  # noqa: F401
    import ansible.executor.module_common  # noqa: F401
    import ansible.plugins.strategy.linear  # noqa: F401

    loader.connection_loader.get("ssh", class_only=True)
    loader.become_loader.get("sudo", class_only=True)
    loader.shell_loader.get("sh", class_only=True)
    loader.strategy_loader.get("linear", class_only=True)
    loader.inventory_loader.get("yaml", class_only=True)
    for name in ("normal", "command", "copy", "assert", "fail"):
        loader.action_loader.get(name, class_only=True)
    for kind in (loader.filter_loader, loader.test_loader):
        list(kind.all())
    gc.collect()
    gc.freeze()
    return PlaybookCLI


def become(request, cli, modules):
    """In the child: nothing of the parent's but what it has imported."""
    os.setsid()
    with open(request["group"], "w", encoding="ascii") as members:
        members.write(str(os.getpid()))
    os.chdir(request["folder"])
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    events = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    events.connect("events")
    take(events.detach(), EVENTS)
    take(os.open("record", os.O_WRONLY), RECORD)
    take(os.open("/dev/null", os.O_RDONLY), 0)
    for name, target in (("stdout", 1), ("stderr", 2)):
        take(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), target)
    os.closerange(RECORD + 1, 256)
    os.environ.clear()
    os.environ.update(request["environment"])
    own = os.path.join(request["folder"], "tmp")
    # Built modules are code alone, the same for every run; everything else that Ansible writes belongs to this one.
    built = os.path.join(own, "ansiballz_cache")
    if not os.path.islink(built):
        os.symlink(modules, built)
    from ansible import constants

    constants.DEFAULT_LOCAL_TMP = own
    sys.argv[:] = request["arguments"]
    cli.cli_executor(request["arguments"])


def take(descriptor, target):
    if descriptor == target:
        os.set_inheritable(target, True)
        return
    os.dup2(descriptor, target, inheritable=True)
    os.close(descriptor)


def carry_out(request, cli, modules):
    pid = os.fork()
    if pid > 0:
        say({"run": request["run"], "pid": pid})
        return
    code = 250
    try:
        for sign in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        become(request, cli, modules)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 250
    except BaseException as problem:
        os.write(2, repr(problem).encode()[:2000])
    finally:
        os._exit(code)


def bury():
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        say({"ended": pid, "code": os.waitstatus_to_exitcode(status)})


def say(value):
    os.write(1, json.dumps(value).encode() + b"\n")


def main():
    program, modules = sys.argv[1:]
    os.makedirs(modules, mode=0o700, exist_ok=True)
    cli = prepare(program)
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # A Ctrl-C at a terminal is for whoever stands there: the runs end as Millwright decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    waiting = selectors.DefaultSelector()
    waiting.register(0, selectors.EVENT_READ)
    waiting.register(woken, selectors.EVENT_READ)
    held = b""
    say({"ready": True})
    while True:
        for key, _ in waiting.select():
            if key.fd == woken:
                os.read(woken, 512)
                bury()
                continue
            part = os.read(0, LONGEST_REQUEST)
            if not part:
                return
            *lines, held = (held + part).split(b"\n")
            for line in lines:
                carry_out(json.loads(line), cli, modules)


main()
