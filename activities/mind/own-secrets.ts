// A provider may repeat what proves who we are. Only this process knows it, so nobody after it could take it out.
import type { Json } from '../../domain/canonical-json.ts'
import type { Reply } from '../../domain/model.ts'
import { withoutKnown } from '../../runtime/known-secrets.ts'
import { normaliseText } from '../../runtime/redaction.ts'

/** All else stays as it is, byte for byte: providers sign what they want back. */
export function withoutOwnSecrets({ text, calls, own, ...rest }: Reply): Reply {
  return {
    ...rest,
    text: safe(text),
    calls: calls.map(({ id, name, input }) => ({ id: safe(id), name: safe(name), input: safeJson(input) })),
    own: safeJson(own),
  }
}

function safe(text: string): string {
  const plain = normaliseText(text)
  const without = withoutKnown(plain)
  return withoutKnown(without === plain ? text : without)
}

function safeJson(value: Json): Json {
  if (typeof value === 'string') return safe(value)
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map(safeJson)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [safe(key), safeJson(item)]))
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
