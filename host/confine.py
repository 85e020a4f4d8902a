"""
Takes from a reader what it does not need: privilege, writing, endless time and memory. It only ever adds to the
account's own limits.
"""
import ctypes
import os
import resource

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
SIGKILL = 9

LANDLOCK_CREATE_RULESET = 444
LANDLOCK_ADD_RULE = 445
LANDLOCK_RESTRICT_SELF = 446
LANDLOCK_VERSION = 1
LANDLOCK_PATH_BENEATH = 1
WRITE_FILE = 1 << 1
# Removing, making and (from version 3 on) truncating, as linux/landlock.h numbers them.
CHANGES = WRITE_FILE | sum(1 << bit for bit in range(4, 13))
TRUNCATE = 1 << 14

OPENAT2 = 437
RESOLVE_NO_MAGICLINKS = 0x02
RESOLVE_NO_SYMLINKS = 0x04
RESOLVE_BENEATH = 0x08

MEMORY_BYTES = 1 << 30
PROCESSES = 128
FILES = 256

libc = ctypes.CDLL(None, use_errno=True)


class RulesetAttributes(ctypes.Structure):
    _fields_ = [('handled_access_fs', ctypes.c_uint64)]


class PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [('allowed_access', ctypes.c_uint64), ('parent_fd', ctypes.c_int32)]


class OpenHow(ctypes.Structure):
    _fields_ = [('flags', ctypes.c_uint64), ('mode', ctypes.c_uint64), ('resolve', ctypes.c_uint64)]


def confine(seconds):
    """For a reader's process and all it starts. Returns whether the kernel itself forbids every write from now on."""
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, 0)
    limit(resource.RLIMIT_CPU, seconds + 1)
    limit(resource.RLIMIT_AS, MEMORY_BYTES)
    limit(resource.RLIMIT_NPROC, PROCESSES)
    limit(resource.RLIMIT_NOFILE, FILES)
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return forbid_writes()


def limit(kind, value):
    hard = resource.getrlimit(kind)[1]
    lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (lowest, lowest))


def forbid_writes():
    """
    Landlock: nothing may be written, made, renamed or removed, /dev/null excepted. False where the kernel has none.
    """
    version = libc.syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), LANDLOCK_VERSION)
    if version < 1:
        return False
    handled = CHANGES | (TRUNCATE if version >= 3 else 0)
    attributes = RulesetAttributes(handled)
    ruleset = libc.syscall(LANDLOCK_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(8), 0)
    if ruleset < 0:
        return False
    null = os.open('/dev/null', os.O_PATH | os.O_CLOEXEC)
    rule = PathBeneath(WRITE_FILE, null)
    libc.syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_PATH_BENEATH, ctypes.byref(rule), 0)
    forbidden = libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    os.close(null)
    os.close(ruleset)
    return forbidden


def open_beneath(folder, name):
    """Opens a file under an open folder for reading: no symbolic link, no way out, no waiting. Raises OSError."""
    if '\0' in name:
        raise OSError(2, 'no file has such a name')
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    how = OpenHow(flags, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)
    size = ctypes.c_size_t(ctypes.sizeof(how))
    descriptor = libc.syscall(OPENAT2, folder, os.fsencode(name), ctypes.byref(how), size)
    if descriptor < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return descriptor
