// The workflows as one file, built once per version of their sources and kept in the cache.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { Failure } from '../domain/failure.ts'
import { cachePath } from '../runtime/cache.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Longer than a bundle takes on a slow machine, milliseconds. */
const buildMilliseconds = 120_000

/** The bundle's file; builds it when these sources have none yet. Throws `setup.missing`. */
export async function workflowBundle(folder: string = cachePath('workflows')): Promise<{ readonly codePath: string }> {
  const codePath = join(folder, `${sourcesDigest()}.js`)
  if (existsSync(codePath)) return { codePath }
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
  return { codePath }
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
