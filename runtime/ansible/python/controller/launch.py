# SPDX-License-Identifier: GPL-3.0-or-later
"""Becomes ansible-playbook: enters the run's control group, takes its limits, then runs the program given.

    launch.py <file with a process list of a control group> <ansible-playbook> <arguments of it>

No playbook, inventory or credential is read here. GPL-3.0-or-later because it runs Ansible in its own process.
"""

import os
import resource
import runpy
import sys

FILE_BYTES = 16 * 1024 * 1024
MEMORY_BYTES = 4 * 1024 * 1024 * 1024


def main() -> None:
    group, program, *arguments = sys.argv[1:]
    with open(group, "w", encoding="ascii") as members:
        members.write(str(os.getpid()))
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.argv[:] = [program, *arguments]
    runpy.run_path(program, run_name="__main__")


main()
