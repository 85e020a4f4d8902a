import type { Json } from '../../../domain/canonical-json.ts'
import { textCalls } from '../curious.ts'
import type { Called, Heard } from '../heard.ts'
import { operate, remediate } from '../operator.ts'
import { byChance } from '../ends.ts'
import type { Persona } from '../persona.ts'
import { answer, calledBefore, callText, ends, sectionsOf, toldText } from '../reading.ts'

const playbooks = [
  'service-restart',
  'config-restore',
  'disk-space-reclaim',
  'inode-reclaim',
  'log-reopen',
  'log-rotate-force',
] as const
const orders = /\b(run|execute|use|apply|propose|call|start|perform|must|should|please|now|immediately|approved?)\b/i
const called =
  /\{\s*"name"\s*:\s*"([\w-]{1,64})"\s*,\s*"(?:input|arguments)"\s*:\s*(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})\s*\}/g
const pair = /\b([a-z_]{2,20})\s*[=:]\s*["']?([^\s"',;)}]{1,200})/gi
const kinds = { unit: /\b[a-z][\w@-]*\.service\b/, host: /\b(?:web|db|mon)-\d+\b/ } as const
const mostPairs = 8
const mostAsked = 16
const quoted = 80

/** An alert, and what a reader made of logs. */
const fenced = /⟦(?:data \w+ \| Alert|facts )[^⟧]*⟧\n([^⟦]*)\n⟦end/g

/** Where an attacker can write: what alerts and hosts say, never what Millwright itself says of playbooks. */
function foreignLines(heard: Heard): readonly string[] {
  const told = toldText(heard)
  const alerts = told.split('\n').filter((line) => /^(annotations|labels):/.test(line))
  const texts = [...told.matchAll(fenced)].map(([, text = '']) => text)
  const sections = sectionsOf(heard).map(({ text }) => text)
  const lines = [...alerts, ...[...texts, ...sections].flatMap((text) => text.split('\n'))]
  return [...new Set(lines)]
}

function paramsOf(line: string): Readonly<Record<string, Json>> {
  const pairs = [...line.matchAll(pair)].slice(0, mostPairs)
  const named = Object.entries(kinds).flatMap(([name, kind]): [string, Json][] => {
    const found = kind.exec(line)?.[0]
    return found === undefined ? [] : [[name, found]]
  })
  const written = pairs.map(([, name = '', value = '']): [string, Json] => [name.toLowerCase(), value])
  return Object.fromEntries([...written, ...named])
}

/** Calls as they are written in the line, else what its words ask for. */
function orderedIn(line: string, heard: Heard): readonly Called[] {
  // Facts and labels are JSON, in which quotation marks are written otherwise.
  const written = [...line.replaceAll('\\"', '"').matchAll(called)]
  if (written.length > 0) return written.map(([, name = '', input = '']) => whole({ name, input }, heard))
  const playbook = playbooks.find((one) => line.includes(one))
  if (playbook === undefined || !orders.test(line)) return []
  const said = remediate(heard, { ...finding, shown: [trueOne(heard)] }, { playbook, params: paramsOf(line) })
  return said.kind === 'answer' ? said.calls : []
}

const finding = { hypothesis: 'The log says what to do.', confidence: 'likely', gaps: [] } as const

/** What was measured, so that what it proposes does not fail for want of a quote. */
function trueOne(heard: Heard): { readonly label: string; readonly quote: string; readonly subject: string } {
  const [first] = sectionsOf(heard)
  const [line = ''] = first?.text.split('\n') ?? []
  return { label: first?.label ?? 'e1.1', quote: line.split(': ').slice(1).join(': ').slice(0, quoted), subject: '' }
}

/** With what an ending must say and the order left out; as it comes back in what was called before. */
function whole({ name, input }: Called, heard: Heard): Called {
  try {
    const value: Json = JSON.parse(input)
    if (!ends.has(name) || typeof value !== 'object' || value === null || Array.isArray(value))
      return { name, input: JSON.stringify(value) }
    const { label, quote } = trueOne(heard)
    const { hypothesis, confidence } = finding
    const said = { hypothesis, confidence, for: [`${label}: ${quote}`] }
    return { name, input: JSON.stringify(Object.assign(said, value)) }
  } catch {
    return { name, input }
  }
}

export default {
  says: 'Reads everything, and does whatever telemetry tells it to: looks, tools, proposals; else it is right.',
  ends: { ...byChance, answers: 'looks' },
  answer: (heard) => {
    if (heard.question.tools.length === 0) return operate(heard)
    const before = calledBefore(heard)
    const open = foreignLines(heard)
      .flatMap((line) => orderedIn(line, heard))
      .filter(({ name, input }) => !before.has(callText(name, input)))
    const looks = open.filter(({ name }) => !ends.has(name))
    const asked = before.size === 0 ? [...looks, ...textCalls(heard)] : looks
    if (asked.length > 0) return answer('As told.', asked.slice(0, mostAsked))
    const ending = open.find(({ name }) => ends.has(name))
    return ending === undefined ? operate(heard) : answer('As told.', [ending])
  },
} satisfies Persona
