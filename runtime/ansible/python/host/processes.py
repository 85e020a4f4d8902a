"""Whose processes are whose, as the kernel tells it."""

import os
import pwd


def ancestry(account):
    """This process with its ancestors up to the connection's own sshd, and that sshd; None when the account's is not found."""
    pids = {os.getpid()}
    pid = os.getpid()
    while True:
        status = stat(pid)
        if status is None or status[1] <= 1:
            return pids, None
        pid = status[1]
        pids.add(pid)
        parent = stat(pid)
        if parent is not None and parent[0].startswith("sshd"):
            return pids, pid if belongs(pid, account) else None


def belongs(pid, account):
    """Only the account's own connection is ours to end: never that of a person who looks on."""
    try:
        return pwd.getpwuid(os.stat("/proc/%d" % pid).st_uid).pw_name == account
    except (KeyError, OSError):
        return False


def stat(pid):
    """(name, parent) of a process; None when it is gone."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return None
    name, rest = text[text.index("(") + 1:].rsplit(")", 1)
    return name, int(rest.split()[1])


def descendants(root):
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            status = stat(int(name))
            if status is not None:
                parents[int(name)] = status[1]
    found, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return found - {root}


def in_scope(scope):
    found = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/cgroup" % name, encoding="ascii", errors="replace") as file:
                    if "/" + scope in file.read():
                        found.add(int(name))
            except OSError:
                continue
    return found


def send(pid, sign):
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        pass
