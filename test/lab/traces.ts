// Everything a lab could leave on this machine, so that two looks can be compared.
import { type Dirent, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { identify } from '../../lab/process.ts'
import { run } from '../../lab/run.ts'
import { allStates } from '../../lab/state.ts'

type Which = { readonly name: string; readonly subnet: number }

/**
 * What exists now and carries the marks of this lab; empty when nothing does. Once another lab has the subnet, only
 * the name tells whose a trace is.
 */
export async function tracesOf(lab: Which): Promise<readonly string[]> {
  const isTaken = (): boolean => allStates().some(({ name, subnet }) => subnet === lab.subnet && name !== lab.name)
  const before = isTaken()
  const traces = await tracesOn(lab)
  return before || isTaken() ? traces.filter((trace) => trace.includes(`/labs/${lab.name}/`)) : traces
}

async function tracesOn(lab: Which): Promise<readonly string[]> {
  const bridge = `mw${String(lab.subnet)}`
  const folder = `/labs/${lab.name}/`
  const links = (await run(['ip', '-brief', 'link']))
    .split('\n')
    .filter((line) => new RegExp(`^${bridge}(-|\\s|@)`).test(line))
  const spaces = (await run(['ip', 'netns', 'list'])).split('\n').filter((line) => line.startsWith(`${bridge}-`))
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder))
  const loops = (await run(['losetup', '--list', '--noheadings', '--output', 'BACK-FILE']))
    .split('\n')
    .filter((line) => line.includes(folder))
  const groups = groupsBelow('/sys/fs/cgroup', 4).filter((path) => path.includes(`/millwright/${bridge}`))
  return [...links, ...spaces, ...mounts, ...loops, ...groups, ...processesIn(bridge, lab.name)]
}

function groupsBelow(folder: string, depth: number): readonly string[] {
  if (depth === 0) return [folder]
  const inside = entriesOf(folder).filter((entry) => entry.isDirectory())
  return [folder, ...inside.flatMap((entry) => groupsBelow(join(folder, entry.name), depth - 1))]
}

/** None where somebody else's lab has just gone. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

/** Processes in the lab's control groups or namespaces, and its warden. */
function processesIn(bridge: string, name: string): readonly string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      const text = ['cgroup', 'cmdline'].map((file) => readOr(join('/proc', pid, file))).join('\n')
      // A zombie has ended; only the machine's first process may take it away, whenever that gets to it.
      if (identify(Number(pid)) === undefined) return []
      const isNamed = text.includes(`warden.ts\0${name}\0`) || linkOr(`/proc/${pid}/cwd`).includes(`/labs/${name}/`)
      if (isNamed) return [`process ${pid} of /labs/${name}/`]
      return text.includes(`/millwright/${bridge}/`) ? [`process ${pid}`] : []
    })
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function linkOr(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
