// The pages over a real database, looked at by a person who is logged in.
import type { AppDeps } from '../../gateway/app.ts'
import { Config } from '../../runtime/config.ts'
import type { Person } from '../../domain/person.ts'
import type { Store } from '../../store/connect.ts'
import { testGateway } from './gateway.ts'
import { logInAs } from './people.ts'
import { samplePlaybook } from './sample-playbook.ts'

export const origin = 'http://127.0.0.1:8321'

export const pagesConfig = Config.parse({
  environments: { lab: {} },
  sources: {
    alertmanager: {
      use: 'alertmanager',
      environment: 'lab',
      bearer: 'file:/secrets/token',
      targets: [{ host: 'instance' }],
    },
  },
})

export type Browser = {
  /** The page's text. Throws when it is not answered with `status`. */
  readonly get: (path: string, status?: number) => Promise<string>
  readonly request: (path: string, init?: RequestInit) => Promise<Response>
}

/** An approver's session on a gateway with one playbook. */
export async function browserOf(store: Store, person: Person, more: Partial<AppDeps> = {}): Promise<Browser> {
  const catalogue = { digest: 'of the test', playbooks: [samplePlaybook] }
  const app = await testGateway(store, { config: pagesConfig, catalogue: () => catalogue, ...more })
  const cookie = `millwright=${await logInAs(store, person, 'cookie')}`
  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (!headers.has('accept')) headers.set('accept', 'text/html')
    if (!headers.has('cookie')) headers.set('cookie', cookie)
    return app.request(`${origin}${path}`, { ...init, headers })
  }
  const get = async (path: string, status = 200): Promise<string> => {
    const response = await request(path)
    const text = await response.text()
    if (response.status !== status) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 2_000)}`)
    return text
  }
  return { get, request }
}

export const approver: Person = { name: 'robin', role: 'approver', team: 'default' }
export const viewer: Person = { name: 'sam', role: 'viewer', team: 'default' }

/** What a reader sees: tags out, entities back, white space as one space. */
export function seen(page: string): string {
  const body = page.slice(page.indexOf('<main'))
  const text = body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&').replaceAll(/\s+/g, ' ').trim()
}
