// How people reach the pages: the one place that builds their address.
import type { Config } from './config.ts'

/** Absolute address of the pages, without a slash at its end. */
export function publicUrl({ listen: { address, port }, url }: Pick<Config, 'listen' | 'url'>): string {
  const host = address.includes(':') ? `[${address}]` : address
  return (url ?? `http://${host}:${port}`).replace(/\/+$/, '')
}
