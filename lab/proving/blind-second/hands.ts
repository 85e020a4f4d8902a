// How a fault of the second set is made and undone: lines of shell as root on the host, and afterwards every file as it
// was.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../../domain/failure.ts'
import { application } from '../../application.ts'
import type { Target } from '../../fault.ts'
import { attemptInside, inside } from '../../inside.ts'
import { nginx } from '../../nginx.ts'
import { run } from '../../run.ts'
import type { StrangeFault } from '../strange-faults.ts'

const sync = 'acme-sync.service'

/** Asked for the page by a machine under load. */
const answersWithinMs = 30_000
const pollMs = 50

export const crashedWeb = { alert: 'HostSystemdServiceCrashed', unit: nginx } as const
export const crashedApplication = { alert: 'HostSystemdServiceCrashed', unit: application } as const
export const crashedSync = { alert: 'HostSystemdServiceCrashed', unit: sync } as const
export const unservedWeb = { alert: 'BlackboxProbeFailed', unit: nginx } as const
export const unservedApplication = { alert: 'BlackboxProbeFailed', unit: application } as const

/** Faults change files in these folders of a host only, or undo it themselves. */
const kept = [
  'etc/default',
  'etc/hosts',
  'etc/logrotate.d',
  'etc/nginx',
  'etc/systemd/system',
  'srv',
  'usr/local/bin',
  'var/lib/acme',
  'var/www',
] as const

type Written = Pick<StrangeFault, 'name' | 'summary' | 'alert' | 'unit' | 'clue'> & {
  /** Shell that sets the host up as it was while all was well, and the page must be served then. */
  readonly before?: string
  /** Shell that breaks it. */
  readonly broken: string
  /** What only the machine can do to a host, done before `broken`. */
  readonly outside?: (target: Target) => Promise<void>
  /** Shell that takes back what is no file of the kept folders. */
  readonly undo?: string
  /** Takes back `outside`. */
  readonly undoOutside?: (target: Target) => Promise<void>
}

const copies = new Map<string, { readonly folder: string; readonly listing: ReadonlyMap<string, string> }>()

/** Makes a fault of its lines of shell. Healing ends with a host that is well, or throws. */
export function fault({ before, broken, outside, undo = '', undoOutside, ...told }: Written): StrangeFault {
  return {
    ...told,
    break: async (target) => {
      await copyFiles(target)
      if (before !== undefined) {
        await sh(target, before)
        await pageAnswers(target)
      }
      await outside?.(target)
      await sh(target, broken)
    },
    heal: async (target) => {
      await undoOutside?.(target)
      // What a fault that broke half way never did can't be taken back; the end tells whether all is well.
      await attemptInside(target.host, ['bash', '-uc', undo])
      await sh(target, `systemctl stop ${nginx} ${application} ${sync} || true`)
      await restoreFiles(target)
      await sh(target, 'systemctl daemon-reload; systemctl reset-failed')
      await sh(target, `systemctl restart ${application} ${sync} ${nginx}`)
      await pageAnswers(target)
    },
  }
}

export async function sh({ host }: Target, script: string): Promise<void> {
  await inside(host, ['bash', '-euc', script])
}

async function pageAnswers({ host }: Target): Promise<void> {
  const deadline = Date.now() + answersWithinMs
  const ask = ['curl', '--silent', '--fail', '--max-time', '3', '--output', '/dev/null', 'http://127.0.0.1/']
  for (;;) {
    const { exitCode } = await attemptInside(host, ask)
    if (exitCode === 0) return
    if (Date.now() > deadline)
      throw new Failure({ code: 'host.timeout', message: `${host.name} does not serve its page though it should.` })
    await sleep(pollMs)
  }
}

/** Outside of the host, so that nothing there tells of it. */
async function copyFiles({ host, root }: Target): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'blind-second-'))
  await run(['tar', '--create', '--directory', root, '--file', join(folder, 'kept.tar'), ...kept])
  copies.set(host.name, { folder, listing: await listingOf(root) })
}

/** Changes only what changed, so that times of files tell nothing to whoever looks next. */
async function restoreFiles({ host, root }: Target): Promise<void> {
  const copy = copies.get(host.name)
  if (copy === undefined) return
  const now = await listingOf(root)
  const isAsBefore = (path: string): boolean => copy.listing.get(path) === now.get(path)
  const changed = [...copy.listing.keys()].filter((path) => !isAsBefore(path))
  for (const path of now.keys())
    if (!copy.listing.has(path)) await rm(join(root, path), { recursive: true, force: true })
  const list = join(copy.folder, 'changed')
  await writeFile(list, changed.map((path) => `${path}\n`).join(''))
  const extract = ['tar', '--extract', '--preserve-permissions', '--same-owner', '--no-recursion']
  // Of an empty list it would take everything out.
  if (changed.length > 0)
    await run([...extract, '--directory', root, '--file', join(copy.folder, 'kept.tar'), '--files-from', list])
  await rm(copy.folder, { recursive: true })
  copies.delete(host.name)
}

/** Kind, mode and owner of each file of the kept folders; of what is no folder also size, time and where it links. */
async function listingOf(root: string): Promise<ReadonlyMap<string, string>> {
  const paths = kept.map((path) => join(root, path))
  const shape = ['(', '-type', 'd', '-printf', '%p\\t%y %m %U %G\\n', ')', '-o']
  const listed = await run(['find', ...paths, ...shape, '-printf', '%p\\t%y %m %U %G %s %T@ %l\\n'])
  return new Map(
    listed.split('\n').flatMap((line) => {
      const [path, says] = line.split('\t')
      return path === undefined || says === undefined ? [] : [[path.slice(root.length + 1), says]]
    }),
  )
}

/** A file of the host, whole. */
export function file(path: string, text: string): string {
  return `mkdir -p "$(dirname ${path})"\ncat > ${path} <<'END-OF-FILE'\n${text}\nEND-OF-FILE\n`
}

/** Settings beside a unit, read at once. */
export function dropIn(unit: string, settings: string): string {
  return `${file(`/etc/systemd/system/${unit}.d/deploy.conf`, settings)}systemctl daemon-reload\n`
}

/** A unit of the host with nothing but this to run. */
export function service(name: string, lines: string): string {
  return `${file(`/etc/systemd/system/${name}.service`, `[Service]\n${lines}`)}systemctl daemon-reload\n`
}

/** Restarts what will not come back. */
export const fails = (unit: string): string => `systemctl restart ${unit} || true\n`

const site = '/etc/nginx/sites-available/default'

/** Puts other lines where the site finds its files. */
export function answering(lines: string): string {
  return `sed -i 's#^\\t\\ttry_files .*#${lines}#' ${site}\nsystemctl restart nginx\n`
}

/** The site is the team's application behind nginx. */
export const proxied = answering('proxy_pass http://127.0.0.1:8080;')

/** The application in another version: what it loads at its start, and what it does before it answers. */
export function program(loads: string, answers = 'pass', more = ''): string {
  return `#!/usr/bin/python3
import http.server
${loads}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
${answers.replaceAll(/^/gm, '        ')}
        body = b"acme-app is well\\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
${more.replaceAll(/^(?=.)/gm, '        ')}
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Handler).serve_forever()`
}

export const applicationFile = '/usr/local/bin/acme-app'

/** Delivers another version of the application and starts it, whether that succeeds or not. */
export function delivered(...version: Parameters<typeof program>): string {
  return `${file(applicationFile, program(...version))}${fails('acme-app')}`
}
