// The stylesheet, the script and the icon: read once, named by what they hold, so that a browser may keep them.
import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { sha256 } from '../../runtime/digest.ts'

const types = {
  'style.css': 'text/css; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const
type AssetName = keyof typeof types

type Asset = { readonly name: AssetName; readonly text: string; readonly digest: string }

const loaded: readonly Asset[] = [asset('style.css'), asset('live.js'), asset('icon.svg')]

function asset(name: AssetName): Asset {
  const source = readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8')
  const text = name === 'style.css' ? squeezed(source) : source
  return { name, text, digest: sha256(text).slice(0, 12) }
}

/** The sheet without what only its author reads. */
function squeezed(css: string): string {
  return css
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,>]) ?/g, '$1')
    .replaceAll(': ', ':')
    .replaceAll(';}', '}')
    .trim()
}

/** The address of an asset's present content. */
export function assetUrl(name: AssetName): string {
  return `/assets/${name}?${loaded.find((one) => one.name === name)?.digest ?? ''}`
}

/** Mounted at `/assets`; needs no login. */
export function assets(): Hono {
  const app = new Hono()
  for (const { name, text, digest } of loaded) {
    app.get(`/${name}`, (c) => {
      c.header('etag', `"${digest}"`)
      c.header('x-content-type-options', 'nosniff')
      if (c.req.header('if-none-match') === `"${digest}"`) return c.body(null, 304)
      const fresh = c.req.url.endsWith(`?${digest}`)
      c.header('cache-control', fresh ? 'public, max-age=31536000, immutable' : 'no-cache')
      return c.body(text, 200, { 'content-type': types[name] })
    })
  }
  return app
}
