// Requests in both protocols, and an evidence pack on paper: what the model server is asked in its tests.
import type { Json } from '../../domain/canonical-json.ts'
import { keyFor } from '../../lab/model-server/persona.ts'
import type { ModelServer } from '../../lab/model-server/server.ts'

type Shape = { readonly [key: string]: Json }

const text = { type: 'string' }
const probes = [
  ...['unit-status', 'config-test', 'config-digest', 'listeners', 'journal', 'oom-events'].map(
    (name) => `${name} (unit)`,
  ),
  ...['disk-usage', 'largest-files', 'rotated-logs'].map((name) => `${name} (mount)`),
  'http-probe (endpoint)',
]
const ending = (name: string, params: Shape): Shape => ({
  name,
  description: `Ends it: ${name}.`,
  input_schema: { type: 'object', properties: { ...params, hypothesis: text } },
})

export const tools: readonly Shape[] = [
  {
    name: 'look',
    description: `Asks a host.\n${probes.map((one) => `- ${one}: what it tells.`).join('\n')}`,
    input_schema: {
      type: 'object',
      additionalProperties: false,
      required: ['probe', 'host'],
      properties: { probe: text, host: text, unit: text, mount: text, endpoint: text },
    },
  },
  ending('propose_remediation', { playbook: { enum: ['service-restart', 'log-rotate-force'] }, params: {} }),
  ending('propose_code_fix', {}),
  ending('escalate', {}),
]

/** Long enough that every model caches it. */
export const system = 'You look for what is wrong. '.repeat(200)

export const crashed = [
  'labels: alertname="HostSystemdServiceCrashed"',
  'host web-01, role web',
  'the alert is about: unit nginx.service',
  'e1.1 unit-status nginx.service: activeState: "failed" result: "signal"',
  'e1.2 config-test nginx.service: refused: false',
  'e1.3 listeners nginx.service: taken: false allListening: false',
].join('\n')

export type Request = {
  readonly persona?: string
  readonly model?: string
  readonly stream?: boolean
  readonly messages?: readonly Shape[]
  readonly change?: Shape
}

/** Asks in Anthropic's protocol; all of system and messages but the last is marked for the cache. */
export function askAnthropic(server: ModelServer, request: Request = {}): Promise<Response> {
  const { persona = 'correct', model = 'claude-sonnet-5-5', stream = false, messages = user(crashed) } = request
  const cached = [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }]
  const body = { model, max_tokens: 1_000, stream, system: cached, tools, messages, ...request.change }
  return fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'x-api-key': keyFor(persona, 'test'),
    },
    body: JSON.stringify(body),
  })
}

export function askOpenai(server: ModelServer, request: Request = {}): Promise<Response> {
  const { persona = 'correct', model = 'local', stream = false, messages = user(crashed) } = request
  const functions = tools.map(({ name = '', description = '', input_schema: parameters = {} }) => ({
    type: 'function',
    function: { name, description, parameters },
  }))
  const said = [{ role: 'system', content: system }, ...messages]
  const options = stream ? { stream_options: { include_usage: true } } : {}
  return fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keyFor(persona, 'test')}` },
    body: JSON.stringify({ model, stream, ...options, tools: functions, messages: said, ...request.change }),
  })
}

export function user(content: string): readonly Shape[] {
  return [{ role: 'user', content }]
}
