// nginx's site on the lab's hosts, as a file that somebody edits badly.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Target } from './fault.ts'
import { attemptInside } from './inside.ts'

export const siteFile = '/etc/nginx/sites-available/default'
/** Where the hosts keep their known good copies, and what a repair has replaced. */
const keptFolder = '/var/lib/millwright/known-good'
const badLine = '\nserver { listen 8081; acme_cache_zone on; }\n'

const pathOf = ({ root }: Target): string => join(root, siteFile)

/** Adds a directive that nginx does not know. */
export async function spoilSite(target: Target): Promise<void> {
  await writeFile(pathOf(target), (await readFile(pathOf(target), 'utf8')) + badLine)
}

/** Takes the directive out again, wherever it stands, and what a repair set aside with it. */
export async function mendSite(target: Target): Promise<void> {
  const kept = join(target.root, keptFolder)
  for (const name of await readdir(kept).catch(() => []))
    if (name.includes('.replaced-')) await rm(join(kept, name), { recursive: true })
  await writeFile(pathOf(target), (await readFile(pathOf(target), 'utf8')).replaceAll(badLine, ''))
}

/** What nginx itself says against its configuration on disk. */
export async function configProblems({ host }: Target): Promise<readonly string[]> {
  const { exitCode } = await attemptInside(host, ['nginx', '-t', '-q'])
  return exitCode === 0 ? [] : ['nginx refuses its configuration.']
}
