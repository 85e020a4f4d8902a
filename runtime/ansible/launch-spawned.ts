// The plain driver: one program per run. The other driver is measured against it.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { Failure } from '../../domain/failure.ts'
import { toolPath } from '../tools.ts'
import { entryOf } from './control-group.ts'
import { controllerPython } from './frame.ts'
import {
  complaintIn,
  graceMilliseconds,
  interpreterOf,
  type Launch,
  type Launched,
  type LaunchRequest,
  playArguments,
  readEvents,
  runEnvironment,
} from './launcher.ts'
import { inFolder } from './run-folder.ts'

/** Starts one `ansible-playbook` for the run, inside its control group. */
export const launchSpawned: Launch = (request) => {
  const { folder } = request
  const program = toolPath('ansible-playbook')
  const stdout = openSync(join(folder.path, inFolder.stdout), 'w', 0o600)
  const stderr = openSync(join(folder.path, inFolder.stderr), 'w', 0o600)
  try {
    const child = spawn(
      interpreterOf(program),
      ['-I', join(controllerPython, 'launch.py'), entryOf(folder.group), program, ...playArguments(request)],
      {
        cwd: folder.path,
        env: runEnvironment(folder),
        detached: true,
        stdio: ['ignore', stdout, stderr, 'pipe', folder.record],
      },
    )
    return followed(child, request)
  } finally {
    closeSync(stdout)
    closeSync(stderr)
  }
}

function followed(child: ChildProcess, { folder, onEvent }: LaunchRequest): Launched {
  const events = duplexOf(child)
  const read = readEvents(events, onEvent)
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  // Ansible may be gone before it is told to go; how it ended says why.
  events.on('error', () => undefined)
  return {
    go: () => void events.write('g'),
    ended: Promise.all([exited, read]).then(() => undefined),
    complaint: () => complaintIn(folder),
    stop: () => stop(child, exited),
  }
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds)
  await exited
  clearTimeout(timer)
}

function duplexOf(child: ChildProcess): Duplex {
  const stream = child.stdio[3]
  if (stream instanceof Duplex) return stream
  throw new Failure({ code: 'bug', message: 'Ansible was started without its descriptor for events.' })
}
