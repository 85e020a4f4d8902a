"""The host's side of one run, as root, for as long as the run's connection lives. Sent with every run; Python's standard library only.
The files beside it stand before it in the same program.

It lets one run in at a time (lock), each once (its record), none that is older than another (fence); ends every process of the
run at its deadline or when told to; and writes down when it began, what it came to and how it ended.

Speaks JSON lines: requests on standard input, answers on standard output.
"""

import fcntl
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time

GRACE_SECONDS = 2.0
LOOK_SECONDS = 0.2
LONGEST_LINE = 65536
MOST_WAITING = 64


class Session:
    def __init__(self, request):
        self.run = request["run"]
        self.state = request["state"]
        self.fence = int(request["fence"])
        self.seconds = int(request["seconds"])
        self.plan = request["plan"]
        self.folder = os.path.join(self.state, "runs", self.run)
        self.chain, self.connection = ancestry(request["account"])
        self.seen = None
        self.scope = None
        self.lock = None
        self.deadline = time.monotonic() + self.seconds

    def begin(self):
        os.makedirs(os.path.join(self.state, "runs"), mode=0o755, exist_ok=True)
        os.chmod(os.path.join(self.state, "runs"), 0o755)
        self.lock = os.open(os.path.join(self.state, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.path.exists(self.folder):
            return "duplicate"
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return "busy"
        self.seen = highest_fence(self.state)
        if self.fence <= self.seen:
            return "stale"
        try:
            os.mkdir(self.folder, 0o755)
        except FileExistsError:
            return "duplicate"
        write(os.path.join(self.state, "fence"), str(self.fence) + "\n", 0o600)
        self.record("begun", {"run": self.run, "plan": self.plan, "fence": self.fence, "seconds": self.seconds, "boot": boot()})
        sync(os.path.dirname(self.folder))
        prune(os.path.join(self.state, "runs"))
        sweep(os.path.join(self.state, "act"))
        self.enter_scope()
        return "begun"

    def record(self, name, value):
        write(os.path.join(self.folder, name + ".json"), json.dumps({**value, "at": time.time()}) + "\n", 0o644)

    def noted(self, name, value):
        """False where the disk takes no more: the run is ended at its time all the same."""
        try:
            self.record(name, value)
        except OSError:
            return False
        return True

    def enter_scope(self):
        """Where systemd runs, it holds whatever the run starts, and ends it even when this program is gone."""
        if self.connection is None or not os.path.isdir("/run/systemd/system"):
            return
        scope = "millwright-" + self.run.replace("_", "-") + ".scope"
        limit = str((self.seconds + 5) * 1_000_000)
        call = ["busctl", "--quiet", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1"]
        call += ["org.freedesktop.systemd1.Manager", "StartTransientUnit", "ssa(sv)a(sa(sv))", scope, "fail", "5"]
        call += ["PIDs", "au", "1", str(self.connection), "RuntimeMaxUSec", "t", limit, "TimeoutStopUSec", "t", "2000000"]
        call += ["CollectMode", "s", "inactive-or-failed", "Description", "s", "A run of Millwright", "0"]
        done = subprocess.run(call, stdin=subprocess.DEVNULL, capture_output=True, timeout=5, check=False)
        if done.returncode == 0:
            self.scope = scope

    def members(self):
        """Processes of the run: below the connection or in its scope, without the connection itself and this program."""
        below = descendants(self.connection) if self.connection else set()
        inside = in_scope(self.scope) if self.scope else set()
        return (below | inside) - self.chain - descendants(os.getpid())

    def end_members(self):
        found = self.members()
        killed = len(found)
        for sign, until in ((signal.SIGTERM, time.monotonic() + GRACE_SECONDS), (signal.SIGKILL, time.monotonic() + 2 * GRACE_SECONDS)):
            while found and time.monotonic() < until:
                for pid in found:
                    send(pid, sign)
                time.sleep(0.02)
                found = self.members()
        return {"killed": killed, "left": len(found)}

    def serve(self, lines):
        while True:
            left = self.deadline - time.monotonic()
            if left <= 0:
                return self.close("expired")
            try:
                line = lines.get(timeout=left)
            except queue.Empty:
                continue
            if line is None:
                return self.outlive()
            request = request_in(line)
            if request.get("op") == "result":
                if isinstance(request.get("result"), dict) and self.noted("result", request["result"]):
                    say({"said": "recorded"})
            elif request.get("op") in ("cancel", "end"):
                return self.close("cancelled" if request["op"] == "cancel" else "ended")

    def outlive(self):
        """The controller is gone. What it started may finish until the deadline; then it is ended."""
        while time.monotonic() < self.deadline and self.members():
            time.sleep(LOOK_SECONDS)
        self.close("lost")

    def close(self, how):
        answer = {"how": how, **self.end_members()}
        self.noted("ended", answer)
        # Whoever hears the last word may begin the next run at once.
        os.close(self.lock)
        say({"said": "ended", **answer})
        if self.connection and how != "ended":
            # A controller that we could not stop must find no connection to go on with.
            time.sleep(0.05)
            send(self.connection, signal.SIGKILL)


def say(value):
    try:
        os.write(1, json.dumps(value).encode() + b"\n")
    except OSError:
        # Nobody listens any more; the record on disk is what counts.
        pass


def request_in(line):
    """Nothing for what is no request: no line may end this program, for what it watches over would live on."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def listen(lines):
    """Whole lines; a longer one is passed over up to its end."""
    begins = True
    for part in iter(lambda: sys.stdin.buffer.readline(LONGEST_LINE + 1), b""):
        ends = part.endswith(b"\n")
        if begins and ends:
            lines.put(part)
        begins = ends
    lines.put(None)


def main():
    for sign in (signal.SIGHUP, signal.SIGPIPE, signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, signal.SIG_IGN)
    session = Session(json.loads(sys.stdin.buffer.readline(LONGEST_LINE)))
    answer = session.begin()
    say({"said": answer, "seen": session.seen} if answer == "stale" else {"said": answer})
    if answer != "begun":
        return
    lines = queue.Queue(MOST_WAITING)
    threading.Thread(target=listen, args=(lines,), daemon=True).start()
    session.serve(lines)
    # Whoever listens still waits for a line: an orderly end would abort there.
    os._exit(0)


main()
