// The workflows as one file, built once per version of their sources and kept in the cache.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { Failure } from '../domain/failure.ts'
import { cachePath } from '../runtime/cache.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Longer than a bundle takes on a slow machine, milliseconds. */
const buildMilliseconds = 300_000

/** Bundles that stay, however long nobody has used them. */
const keptBundles = 8
/**
 * How long any other is kept after its last use, days. A worker reads its bundle once, at its start; one that was told
 * its file and has not read it yet shall still find it.
 */
const restDays = 30

/**
 * The bundle's file; builds it when these sources have none yet, and removes those of other versions that nobody has
 * used for long. Throws `setup.missing`.
 */
export async function workflowBundle(folder: string = cachePath('workflows')): Promise<{ readonly codePath: string }> {
  const codePath = join(folder, `${sourcesDigest()}.js`)
  if (isThere(codePath)) {
    pruneBundles(folder)
    return { codePath }
  }
  mkdirSync(folder, { recursive: true })
  try {
    const script = join(root, 'workers', 'build-bundle.ts')
    await execa(process.execPath, [script, codePath], { timeout: buildMilliseconds, stdin: 'ignore' })
  } catch (cause) {
    throw new Failure({
      code: 'setup.missing',
      message: 'The workflows could not be bundled.',
      hint: 'Type `npm ci` in the clone, then start again.',
      cause,
    })
  }
  pruneBundles(folder)
  return { codePath }
}

/** Also says that it is in use. */
function isThere(file: string): boolean {
  try {
    utimesSync(file, new Date(), new Date())
  } catch {
    // Not there, or another user's, whose folder we don't tidy either.
  }
  return existsSync(file)
}

/** What can't be removed, in a cache of another user, stays: nothing depends on it. */
function pruneBundles(folder: string): void {
  const oldest = Date.now() - restDays * 86_400_000
  const bundles = readdirSync(folder)
    .filter((name) => /^[0-9a-f]{32}\.js(\.\d+\.part)?$/.test(name))
    .map((name) => ({ file: join(folder, name), usedAt: usedAt(join(folder, name)) }))
    .toSorted((one, other) => other.usedAt - one.usedAt)
  for (const { file, usedAt: last } of bundles.slice(keptBundles)) {
    if (last >= oldest) continue
    try {
      rmSync(file, { force: true })
    } catch {
      return
    }
  }
}

/** Milliseconds since 1970; one that another process removed meanwhile was used never. */
function usedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Over everything that goes into the bundle: our sources, the SDK's version, and how it is bundled. */
function sourcesDigest(): string {
  const hash = createHash('sha256')
  for (const file of [
    'package-lock.json',
    join('workers', 'build-bundle.ts'),
    ...sources('workflows'),
    ...sources('domain'),
  ]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return hash.digest('hex').slice(0, 32)
}

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .map((name) => join(folder, name))
}
