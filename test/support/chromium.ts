// Debian's Chromium on the pages of a gateway that listens on loopback, logged in as an approver.
import { serve } from '@hono/node-server'
import { chromium, type Browser, type BrowserContext } from 'playwright-core'
import type { AddressInfo } from 'node:net'
import type { AppDeps } from '../../gateway/app.ts'
import type { Person } from '../../domain/person.ts'
import type { Store } from '../../store/connect.ts'
import { testGateway } from './gateway.ts'
import { pagesConfig } from './pages.ts'
import { logInAs } from './people.ts'
import { samplePlaybook } from './sample-playbook.ts'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const phone = { width: 390, height: 844 } as const
export const desk = { width: 1280, height: 900 } as const

export type LookOptions = {
  readonly scheme?: 'light' | 'dark'
  readonly size?: typeof phone | typeof desk
  readonly script?: boolean
}

export type Site = {
  readonly url: string
  readonly open: (options?: LookOptions) => Promise<BrowserContext>
  readonly end: () => Promise<void>
}

/** Starts both; `end` takes both down. */
export async function siteOf(store: Store, person: Person, more: Partial<AppDeps> = {}): Promise<Site> {
  const catalogue = { digest: 'of the test', playbooks: [samplePlaybook] }
  const app = await testGateway(store, { config: pagesConfig, catalogue: () => catalogue, ...more })
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
  const address = await new Promise<AddressInfo>((resolve) => {
    server.once('listening', () => {
      const found = server.address()
      if (typeof found === 'object' && found !== null) resolve(found)
    })
  })
  const url = `http://127.0.0.1:${address.port}`
  const browser: Browser = await chromium.launch({ executablePath, headless: true, args })
  const token = await logInAs(store, person, 'cookie')
  return {
    url,
    open: async ({ scheme = 'light', size = desk, script = true } = {}) => {
      const context = await browser.newContext({ colorScheme: scheme, viewport: size, javaScriptEnabled: script })
      await context.addCookies([{ name: 'millwright', value: token, url, sameSite: 'Strict', httpOnly: true }])
      return context
    },
    end: async () => {
      await browser.close()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      })
    },
  }
}
