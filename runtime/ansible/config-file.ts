// Ansible's own configuration, the same for every run, and our plugins beside it.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { callbackPlugins } from './frame.ts'

/** The file in the folder that Ansible starts from. */
export const configName = 'ansible.cfg'

/** On the host, made by onboard-host and private to the writing account: Ansible's own files of one run. */
export const actFolder = '/var/lib/millwright/act'

/**
 * Writes configuration and plugins into a private folder. The plugins are a fresh copy of their digested sources:
 * beside the originals somebody may have planted a compiled file, which Python would run instead.
 */
export function writeAnsibleConfig(folder: string): void {
  const plugins = join(folder, 'callbacks')
  rmSync(plugins, { recursive: true, force: true })
  mkdirSync(plugins, { mode: 0o700 })
  for (const plugin of callbackPlugins) cpSync(plugin, join(plugins, basename(plugin)))
  writeFileSync(join(folder, configName), ansibleConfig, { mode: 0o600 })
}

/** Facts off, pipelining on, our own events, and no way to the host but the connection that the door has opened. */
const ansibleConfig = `[defaults]
stdout_callback = millwright_events
callback_plugins = ./callbacks
gathering = explicit
host_key_checking = true
retry_files_enabled = false
local_tmp = ./tmp
remote_tmp = ${actFolder}
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
