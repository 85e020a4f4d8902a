// The code blocks of a page, each with its language and what stands after it on the fence.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

export type Block = { readonly language: string; readonly name: string; readonly text: string }

export type Page = {
  readonly text: string
  readonly blocks: readonly Block[]
  /** The text of the block of that name; empty when there is none. */
  readonly block: (name: string) => string
}

/** A page by its path in the repository. */
export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8')
  const blocks = [...text.matchAll(/^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', name = '', inner = '']) => ({ language, name, text: inner }),
  )
  return { text, blocks, block: (name) => blocks.find((one) => one.name === name)?.text ?? '' }
}
