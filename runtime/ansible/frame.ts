// The code that carries a playbook out, beside the playbook itself: our Python files and ansible-core. Its digest is
// pinned, too.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../../domain/failure.ts'
import type { Digest } from '../../domain/ids.ts'
import { digestOf, sha256 } from '../digest.ts'
import { toolPath } from '../tools.ts'

const pythonFolder = join(import.meta.dirname, 'python')

/** Where our Python files for the controller are. */
export const controllerPython = join(pythonFolder, 'controller')

/** Our plugins for Ansible. They are copied before use: a compiled file beside them would run instead. */
export const callbackPlugins = [join(controllerPython, 'callbacks', 'millwright_events.py')]

/** The host's side of a run, as one program: sent with every run, never installed. */
export function hostProgram(): Buffer {
  const parts = ['processes.py', 'records.py', 'session.py'] as const
  return Buffer.concat(parts.map((name) => readFileSync(join(pythonFolder, 'host', name))))
}

/** The frame as it stands here. Throws `setup.missing` when Ansible is not there. */
export function installedFrame(): { readonly ansible: string; readonly frame: Digest } {
  const files = readdirSync(pythonFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.py'))
    .sort()
  const frame = digestOf(files.map((name) => [name, sha256(readFileSync(join(pythonFolder, name)))]))
  return { ansible: ansibleVersion(), frame }
}

/** Read from the installed release file: asking the program itself takes a third of a second. */
function ansibleVersion(): string {
  const root = dirname(dirname(toolPath('ansible-playbook')))
  const found = releaseFiles(root).flatMap((file) => {
    const version = /^__version__ = '(\d+\.\d+\.\d+)/m.exec(textOrNothing(file))?.[1]
    return version === undefined ? [] : [version]
  })
  const [version] = found
  if (version !== undefined) return version
  throw new Failure({
    code: 'setup.missing',
    message: `The version of ansible-core under ${root} can't be read.`,
    hint: 'Type `npx millwright doctor --fix`.',
  })
}

function releaseFiles(root: string): readonly string[] {
  const libraries = textListOrNothing(join(root, 'lib')).map((name) => join(root, 'lib', name, 'site-packages'))
  return [...libraries, join(root, 'usr', 'lib', 'python3', 'dist-packages')].map((folder) =>
    join(folder, 'ansible', 'release.py'),
  )
}

function textOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // One of several places where it may be.
    return ''
  }
}

function textListOrNothing(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    // One of several places where it may be.
    return []
  }
}
