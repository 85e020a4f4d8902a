// Plain `ansible-playbook`, as a careful operator would run it by hand: facts off, pipelining on, a connection of its
// own.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../../lab/up.ts'
import { toolPath } from '../../runtime/tools.ts'

const config = `[defaults]
gathering = explicit
host_key_checking = true
retry_files_enabled = false
deprecation_warnings = false
forks = 1
inject_facts_as_vars = false
interpreter_python = /usr/bin/python3
[inventory]
enable_plugins = yaml
[ssh_connection]
pipelining = true
`

export type BarePlays = {
  /** Runs a play against one host over a connection that nobody had before. Throws when it does not succeed. */
  readonly run: (play: string, host: string, vars: Readonly<Record<string, string>>) => Promise<void>
  readonly end: () => void
}

/** As the lab's operator, who is root on its hosts. */
export function barePlays(lab: Lab): BarePlays {
  const folder = mkdtempSync('/tmp/millwright-bare-')
  writeFileSync(join(folder, 'ansible.cfg'), config)
  const ssh = ['-F', 'none', '-o', `UserKnownHostsFile=${lab.knownHostsPath}`, '-o', 'ControlPersist=no']
  const identity = ['-o', `IdentityFile=${lab.operatorKeyPath}`, '-o', 'IdentitiesOnly=yes', '-o', 'ControlMaster=auto']
  let number = 0
  const run = async (play: string, name: string, vars: Readonly<Record<string, string>>): Promise<void> => {
    const host = lab.hosts.find((one) => one.name === name)
    number += 1
    const control = ['-o', `ControlPath=${join(folder, `c${number}`)}`, '-o', 'ControlPersist=2']
    const all = { hosts: { [name]: { ansible_host: host?.address, ansible_user: 'root' } } }
    writeFileSync(join(folder, 'inventory.json'), JSON.stringify({ all }))
    writeFileSync(join(folder, 'vars.json'), JSON.stringify(vars))
    const data = ['--inventory', 'inventory.json', '--extra-vars', '@vars.json']
    const arguments_ = [
      ...data,
      '--ssh-common-args',
      [...ssh.slice(0, 4), ...identity, ...control].join(' '),
      '--',
      play,
    ]
    const child = spawn(toolPath('ansible-playbook'), arguments_, {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: folder, ANSIBLE_CONFIG: join(folder, 'ansible.cfg') },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const code = await new Promise((resolve) => child.once('exit', resolve))
    if (code !== 0) throw new Error(`ansible-playbook ended with ${String(code)}.`)
  }
  return { run, end: () => rmSync(folder, { recursive: true, force: true }) }
}
