# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens in a run, as one JSON object per line on a descriptor of its own; and the gate before its first task.

GPL-3.0-or-later because it imports Ansible. Millwright starts it as a separate program and reads its lines.
"""

from __future__ import annotations

import json
import os

from ansible import context
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: millwright_events
type: stdout
short_description: events as lines of JSON on a private descriptor
description: [Writes one JSON object per event, and waits for the word to go before the first play.]
"""

EVENTS = 3
RECORD = 4
LONGEST_TEXT = 2000
LONGEST_NAME = 1000
MOST_NAMES = 50
# By which arguments the modules of a playbook name what they change, and what that is. No program names what it would
# change.
NAMING = {
    "ansible.builtin.file": ("file", ("path", "dest", "name")),
    "ansible.builtin.copy": ("file", ("dest",)),
    "ansible.builtin.systemd_service": ("unit", ("name", "unit", "service")),
}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "millwright_events"

    def __init__(self):
        super().__init__()
        self.failed_task = None
        self.tasks = 0
        self.checking = bool(context.CLIARGS.get("check"))
        self.would = []
        self.blind = False

    def v2_playbook_on_start(self, playbook):
        say({"kind": "ready"})
        # Nothing reaches the host before the door is open: without the word, or when the parent is gone, it ends here.
        if os.read(EVENTS, 1) != b"g":
            os._exit(70)

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.tasks += 1
        self.would = []
        self.blind = False
        say({"kind": "task", "task": short(task.get_name())})

    def v2_playbook_on_handler_task_start(self, task):
        self.v2_playbook_on_task_start(task, False)

    def v2_runner_item_on_ok(self, result):
        self.preview(result)

    def v2_runner_item_on_skipped(self, result):
        self.blind = True

    def v2_runner_on_ok(self, result):
        if result._task.loop is None:
            self.preview(result)
        self.ended("ok", result)

    def v2_runner_on_skipped(self, result):
        self.blind = True
        self.ended("skipped", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.ended("ignored" if ignore_errors else "failed", result)

    def v2_runner_on_unreachable(self, result):
        self.ended("unreachable", result)

    def preview(self, result):
        """What it would change, by name. What is skipped, and a program that would run, can't be foretold: nobody may take it for a pass."""
        module = result._task.resolved_action or result._task.action
        # One that says it would do nothing may hang on what a task before it would have made.
        if module == "ansible.builtin.command" and result._task.check_mode:
            self.blind = True
            return
        if result._result.get("changed") is not True:
            return
        if module not in NAMING:
            self.blind = True
            return
        kind, arguments = NAMING[module]
        given = result._task_fields.get("args") or {}
        if kind == "file" and takes_a_tree(given, result._result):
            kind = "folder"
        named = [would(kind, named_by(given, name)) for name in arguments if given.get(name)]
        self.would += named or [would("unnamed", "what it does not name")]

    def ended(self, how, result):
        answer = getattr(result, "result", None) or result._result
        task = getattr(result, "task", None) or result._task
        event = {"kind": how, "task": short(task.get_name()), "changed": answer.get("changed") is True}
        if self.checking:
            if len(self.would) > MOST_NAMES:
                self.would[MOST_NAMES:] = [would("unnamed", "%d more" % (len(self.would) - MOST_NAMES))]
            event["would"] = self.would
            event["blind"] = self.blind
        if how in ("failed", "unreachable", "ignored"):
            event["says"] = "hidden" if answer.get("_ansible_no_log") else short(said(answer))
            self.failed_task = event["task"]
        say(event)

    def v2_playbook_on_stats(self, stats):
        hosts = {str(host): stats.summarize(host) for host in sorted(stats.processed)}
        result = {"hosts": hosts, "tasks": self.tasks, "failedTask": self.failed_task}
        # A check is no run. To the host first: its record must tell how it ended even when nobody listens here.
        if not self.checking:
            line(RECORD, {"op": "result", "result": result})
        say({"kind": "stats", **result})


def would(kind, name):
    # A path that was cut would be another one.
    return {"kind": kind, "name": name} if len(name) <= LONGEST_NAME else {"kind": "unnamed", "name": name[:LONGEST_NAME]}


def takes_a_tree(given, answer):
    """Whether it may change what lies below, too; the answer says what stands there now."""
    if given.get("recurse") or given.get("remote_src"):
        return True
    return given.get("state") == "absent" and answer.get("state") not in ("file", "link", "hard")


def named_by(given, name):
    """A copy into a folder is the file in it."""
    place = str(given[name])
    return place + os.path.basename(str(given["src"])) if place.endswith("/") and given.get("src") else place


def said(answer):
    parts = [answer.get("msg"), answer.get("stderr") or answer.get("module_stderr")]
    return ": ".join(str(part).strip() for part in parts if part)


def short(text):
    """Its beginning, up to the end of a word: half of a secret is not recognised as one."""
    text = str(text)
    if len(text) <= LONGEST_TEXT:
        return text
    return (text[:LONGEST_TEXT].rsplit(None, 1)[:-1] or ["One word of %d characters" % len(text)])[0]


def say(event):
    line(EVENTS, event)


def line(descriptor, value):
    data = json.dumps(value).encode() + b"\n"
    while data:
        try:
            data = data[os.write(descriptor, data):]
        except OSError:
            return
