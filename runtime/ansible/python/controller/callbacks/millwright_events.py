# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens in a run, as one JSON object per line on a descriptor of its own; and the gate before its first task.

GPL-3.0-or-later because it imports Ansible. Millwright starts it as a separate program and reads its lines.
"""

from __future__ import annotations

import json
import os

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


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "millwright_events"

    def __init__(self):
        super().__init__()
        self.failed_task = None
        self.tasks = 0

    def v2_playbook_on_start(self, playbook):
        say({"kind": "ready"})
        # Nothing reaches the host before the door is open: without the word, or when the parent is gone, it ends here.
        if os.read(EVENTS, 1) != b"g":
            os._exit(70)

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.tasks += 1
        say({"kind": "task", "task": short(task.get_name())})

    def v2_playbook_on_handler_task_start(self, task):
        self.v2_playbook_on_task_start(task, False)

    def v2_runner_on_ok(self, result):
        self.ended("ok", result)

    def v2_runner_on_skipped(self, result):
        self.ended("skipped", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.ended("ignored" if ignore_errors else "failed", result)

    def v2_runner_on_unreachable(self, result):
        self.ended("unreachable", result)

    def ended(self, how, result):
        answer = getattr(result, "result", None) or result._result
        task = getattr(result, "task", None) or result._task
        event = {"kind": how, "task": short(task.get_name()), "changed": answer.get("changed") is True}
        if how in ("failed", "unreachable", "ignored"):
            event["says"] = "hidden" if answer.get("_ansible_no_log") else short(said(answer))
            self.failed_task = event["task"]
        say(event)

    def v2_playbook_on_stats(self, stats):
        hosts = {str(host): stats.summarize(host) for host in sorted(stats.processed)}
        result = {"hosts": hosts, "tasks": self.tasks, "failedTask": self.failed_task}
        # To the host first: its record must tell how the run ended even when nobody listens here any more.
        line(RECORD, {"op": "result", "result": result})
        say({"kind": "stats", **result})


def said(answer):
    parts = [answer.get("msg"), answer.get("stderr") or answer.get("module_stderr")]
    return ": ".join(str(part).strip() for part in parts if part)


def short(text):
    return str(text)[:LONGEST_TEXT]


def say(event):
    line(EVENTS, event)


def line(descriptor, value):
    data = json.dumps(value).encode() + b"\n"
    while data:
        try:
            data = data[os.write(descriptor, data):]
        except OSError:
            return
