// Where each value of a config comes from: a line of the file, or a default.
import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import type { Config } from './config.ts'

export type ConfigOrigin = {
  /** `sources.shop.environment` */
  readonly key: string
  readonly value: unknown
  /** `millwright.yaml:12`, or `default`. */
  readonly origin: string
}

/** One entry a value, in the config's order. `file` was read before, and is valid. */
export function configOrigins(config: Config, file: string | undefined): readonly ConfigOrigin[] {
  const lines = new LineCounter()
  const document = parseDocument(file === undefined ? '' : readFileSync(file, 'utf8'), { lineCounter: lines })
  return leaves(config, []).map(({ path, value }) => {
    const offset = offsetOf(path.length === 0 ? document.contents : document.getIn(path, true))
    const origin = offset === null ? 'default' : `${file ?? ''}:${lines.linePos(offset).line}`
    return { key: path.join('.'), value, origin }
  })
}

type Leaf = { readonly path: readonly string[]; readonly value: unknown }

/** What holds nothing more, such as `{}`, is a value itself. */
function leaves(value: unknown, path: readonly string[]): readonly Leaf[] {
  if (value === undefined) return []
  const below = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return below.length === 0 ? [{ path, value }] : below.flatMap(([key, one]) => leaves(one, [...path, key]))
}

/** Where a node of the YAML document begins; null where there is none. */
export function offsetOf(node: unknown): number | null {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : null
}
