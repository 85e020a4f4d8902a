// The warm driver: a parent that has imported Ansible once and forks for each run, so that a run need not import it.
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { entryOf } from './control-group.ts'
import {
  complaintIn,
  graceMilliseconds,
  type Launch,
  type Launched,
  type LaunchRequest,
  playArguments,
  readEvents,
  runEnvironment,
} from './launcher.ts'
import { inFolder } from './run-folder.ts'
import { type Carried, startWarmParent, type WarmParent } from './warm-parent.ts'

export type WarmLauncher = {
  readonly launch: Launch
  /** The parent ends; runs that it has forked go on. */
  readonly end: () => void
}

/** A parent is replaced after so many runs: whatever it may have gathered goes with it. */
const runsPerParent = 200

/** Starts the parent at once, so that the first run finds it warm. Throws `setup.missing`. */
export function createWarmLauncher(privateDir: string): WarmLauncher {
  let parent = startWarmParent(privateDir)
  const current = (): WarmParent => {
    if (parent.isAlive() && parent.runs() < runsPerParent) return parent
    parent.retire()
    parent = startWarmParent(privateDir)
    return parent
  }
  return { launch: (request) => launchFrom(current(), request), end: () => parent.retire() }
}

function launchFrom(parent: WarmParent, request: LaunchRequest): Launched {
  const { folder } = request
  const server = createServer()
  const connected = Promise.withResolvers<Socket | null>()
  const carried = untilListening(server, folder.path).then(() =>
    parent.carryOut(folder.run, {
      folder: folder.path,
      group: entryOf(folder.group),
      environment: runEnvironment(folder),
      arguments: ['ansible-playbook', ...playArguments(request)],
    }),
  )
  server.once('connection', (socket) => {
    server.close()
    socket.on('error', () => undefined)
    connected.resolve(socket)
  })
  const exited = carried.then((one) => one.exited).finally(() => connected.resolve(null))
  const read = connected.promise.then((socket) => (socket === null ? undefined : readEvents(socket, request.onEvent)))
  return {
    go: () => void connected.promise.then((socket) => socket?.write('g')),
    ended: Promise.all([exited, read]).then(() => void server.close()),
    complaint: () => complaintIn(folder),
    stop: async () => stop(await carried, exited),
  }
}

async function stop({ pid }: Carried, exited: Promise<void>): Promise<void> {
  const number = await Promise.race([pid, exited.then(() => null)])
  if (number === null) return
  signal(number, 'SIGTERM')
  const timer = setTimeout(() => signal(number, 'SIGKILL'), graceMilliseconds)
  await exited
  clearTimeout(timer)
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended by itself.
  }
}

/** The name of a socket has little room: the folder is named by a descriptor and not by its path. */
function untilListening(server: Server, folder: string): Promise<void> {
  // Left by the same run's check.
  rmSync(join(folder, inFolder.events), { force: true })
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(join('/proc/self/fd', String(descriptor), inFolder.events), () => resolve())
  }).finally(() => closeSync(descriptor))
}
