// Ansible's own configuration, the same for every run.
import { join } from 'node:path'
import { controllerPython } from './frame.ts'

/** Facts off, pipelining on, our own events, and no way to the host but the connection that the door has opened. */
export const ansibleConfig = `[defaults]
stdout_callback = millwright_events
callback_plugins = ${join(controllerPython, 'callbacks')}
gathering = explicit
host_key_checking = true
retry_files_enabled = false
local_tmp = ./tmp
remote_tmp = /tmp/.millwright-act
nocows = true
deprecation_warnings = false
localhost_warning = false
forks = 1
timeout = 10
inject_facts_as_vars = false
interpreter_python = /usr/bin/python3
collections_scan_sys_path = false

[inventory]
enable_plugins = yaml
unparsed_is_failed = true
any_unparsed_is_failed = true

[privilege_escalation]
become = true
become_method = sudo
become_user = root
become_flags = -H -S -n

[ssh_connection]
pipelining = true
retries = 0
transfer_method = piped
control_path_dir = .
`
