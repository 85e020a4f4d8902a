// What the suites of all models share: every folder's fixtures, and a question.
import { join } from 'node:path'
import { z } from 'zod'
import type { Question, Reply } from '../../domain/model.ts'
import { loadModels, ownRoot, type LoadedModel } from '../../integrations/load.ts'
import { Config } from '../../runtime/config.ts'
import type { RefusedAttempt } from '../../runtime/egress.ts'
import { fixturesIn, foldersIn } from './folders.ts'

const Fixture = z.strictObject({
  says: z.string(),
  config: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.string()),
  /** What a million tokens of it cost; null: it asks nobody. */
  priced: z.object({ input: z.number() }).loose().nullable(),
})
export type ModelCase = z.infer<typeof Fixture> & { readonly name: string }

const models = join(ownRoot, 'models')
export const modelCases = foldersIn(models).flatMap((name) =>
  fixturesIn(join(models, name)).map((one): ModelCase => ({ name, ...Fixture.parse(one.content) })),
)
export const asking = modelCases.filter(({ priced }) => priced !== null)
/** Those that say who asks. */
export const keyed = asking.filter(({ secrets }) => Object.keys(secrets).length > 0)

export const question: Question = {
  system: 'You find out what is wrong.',
  tools: [
    { name: 'unit-status', description: 'How a unit is.', input: { type: 'object', properties: {}, required: [] } },
    { name: 'escalate', description: 'Tell a person.', input: { type: 'object' } },
  ],
  messages: [{ role: 'user', text: 'nginx on web-01 does not answer.' }],
  maximumOutput: 1_000,
}

/** Where a model's requests go when that server answers for its own: below the same path. */
export function addressAt({ config }: ModelCase, server: string): string {
  const { url } = z.object({ url: z.url().optional() }).parse(config)
  return url === undefined ? server : `${server}${new URL(url).pathname}`
}

/** The model that a fixture describes, asking that server instead of its own; null: it asks nobody. */
export async function loadCase(one: ModelCase, server: string): Promise<LoadedModel | null> {
  const { name, config, secrets } = one
  const block = { use: name, ...config, ...(Object.keys(config).length === 0 ? {} : { url: addressAt(one, server) }) }
  const loaded = await loadModels(Config.parse({ models: { planner: block } }), (reference) => secrets[reference] ?? '')
  return loaded?.planner ?? null
}

type Asking = { readonly signal?: AbortSignal; readonly heard?: () => void; readonly refused?: RefusedAttempt[] }

export function askerAt(url: () => string) {
  return async (one: ModelCase, asked: Question = question, tools: Asking = {}): Promise<Reply> => {
    const { signal = new AbortController().signal, heard = () => {}, refused = [] } = tools
    const model = await loadCase(one, url())
    if (model === null) throw new Error('it asks nobody')
    return model.ask(asked, { signal, heard, refused: (attempt) => refused.push(attempt) })
  }
}
