import ctypes
import os

UNSYNCHRONIZED = 0x40


class Timex(ctypes.Structure):
    """struct timex of sys/timex.h, up to what is read here; the rest is room."""

    _fields_ = [
        ('modes', ctypes.c_uint),
        ('offset', ctypes.c_long),
        ('freq', ctypes.c_long),
        ('maxerror', ctypes.c_long),
        ('esterror', ctypes.c_long),
        ('status', ctypes.c_int),
        ('room', ctypes.c_long * 32),
    ]


def read(params, host):
    # With no mode set nothing is adjusted: the call only reads.
    clock = Timex()
    asked = ctypes.CDLL(None).adjtimex(ctypes.byref(clock)) >= 0
    facts = {
        'now': int(host.now()),
        'synchronized': not clock.status & UNSYNCHRONIZED if asked else None,
        'maximumErrorMilliseconds': clock.maxerror // 1000 if asked else None,
        'timezone': timezone(host),
        'uptimeSeconds': host.uptime(),
    }
    return facts, '\n'.join(f'{name} {value}' for name, value in facts.items())


def timezone(host):
    try:
        target = os.readlink(host.path('/etc/localtime'))
    except OSError:
        return (host.text('/etc/timezone') or '').strip() or None
    return target.split('zoneinfo/', 1)[1] if 'zoneinfo/' in target else None
