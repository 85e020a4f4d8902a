// Machines that are not who they should be: a host whose keys changed, and another one that answers at its address.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { Target } from '../fault.ts'
import { inside } from '../inside.ts'
import { bridgeName, setLink } from '../network.ts'
import { killAll } from '../process.ts'
import { run } from '../run.ts'

export const disguises = ['another key', 'a key of another kind', 'another host at its address'] as const
export type Disguise = (typeof disguises)[number]

export type Rogue = {
  /** Who answers at the target's address now. */
  readonly answers: Target
  readonly undo: () => Promise<void>
}

const keyFile = '/etc/ssh/ssh_host_ed25519_key'
const kept = '/root/kept-host-key'

/** Puts somebody else in the target's place. `stranger` is a host that would let Millwright in. */
export async function disguise(how: Disguise, target: Target, stranger: Target): Promise<Rogue> {
  switch (how) {
    case 'another key':
      return otherKey(target, 'ed25519')
    case 'a key of another kind':
      return otherKey(target, 'ecdsa')
    case 'another host at its address':
      return takeAddress(target, stranger)
  }
}

async function otherKey(target: Target, kind: 'ed25519' | 'ecdsa'): Promise<Rogue> {
  const { host } = target
  await inside(host, ['mkdir', '-p', kept])
  await inside(host, ['mv', keyFile, `${keyFile}.pub`, kept])
  await inside(host, ['ssh-keygen', '-q', '-t', kind, '-N', '', '-f', keyFile])
  await forgetConnections(target)
  const undo = async (): Promise<void> => {
    await inside(host, ['mv', '-f', `${kept}/ssh_host_ed25519_key`, `${kept}/ssh_host_ed25519_key.pub`, '/etc/ssh/'])
    await forgetConnections(target)
  }
  return { answers: target, undo }
}

async function takeAddress({ state, host }: Target, stranger: Target): Promise<Rogue> {
  const address = `${host.address}/24`
  await setLink(state, host, 'down')
  await inside(stranger.host, ['ip', 'address', 'add', address, 'dev', 'eth0'])
  await forgetNeighbours(stranger)
  const undo = async (): Promise<void> => {
    await inside(stranger.host, ['ip', 'address', 'delete', address, 'dev', 'eth0'])
    await setLink(state, host, 'up')
    await forgetNeighbours(stranger)
  }
  return { answers: stranger, undo }
}

function forgetNeighbours({ state }: Target): Promise<string> {
  return run(['ip', 'neighbour', 'flush', 'dev', bridgeName(state.subnet)])
}

/** A connection that stands was made with the right key; whoever comes from now on meets the other one. */
async function forgetConnections({ host }: Target): Promise<void> {
  await inside(host, ['systemctl', 'reload', 'ssh.service'])
  const leader = host.leader?.pid ?? 0
  killAll(sessionsIn(leader))
}

/** Processes of the host that serve one connection: they were started by another sshd. */
function sessionsIn(leader: number): readonly number[] {
  const host = readlinkSync(`/proc/${leader}/ns/pid`)
  return readdirSync('/proc').flatMap((name) => {
    try {
      if (!/^\d+$/.test(name) || readlinkSync(`/proc/${name}/ns/pid`) !== host) return []
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? ''
      return isSshd(name) && isSshd(parent) ? [Number(name)] : []
    } catch {
      // It ended while we looked.
      return []
    }
  })
}

function isSshd(pid: string): boolean {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('sshd')
}
