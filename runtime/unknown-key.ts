// What is wrong with a value of the config, in words; a mistyped key is answered with the one that was probably meant.
import { z } from 'zod'
import { nearest } from '../domain/nearest.ts'

/** What a schema's first complaint says to people; of an unknown key also the nearest one, or all that there are. */
export function complaint(schema: z.ZodType, issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') return unionComplaint(issue)
  if (issue.code === 'invalid_format' && issue.format === 'url')
    return 'expected an address such as http://127.0.0.1:9090'
  if (issue.code !== 'unrecognized_keys') return issue.message
  const known = keysAt(schema, issue.path)
  const [key = ''] = issue.keys
  const close = nearest(key, known)
  if (close !== null) return `${issue.message}. Did you mean "${close}"?`
  return known.length === 0 ? issue.message : `${issue.message}. There is: ${known.join(', ')}.`
}

/** Of what might have stood there, what came nearest: the form that took the value's type and not the value. */
function unionComplaint({ errors, message }: z.core.$ZodIssueInvalidUnion): string {
  const [first, ...others] = errors.flat()
  if (first === undefined) return message
  return ([first, ...others].find(({ code }) => code !== 'invalid_type') ?? first).message
}

/** The keys that a schema takes below `path`; none when it can't be told. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = schema
  for (const part of path) at = below(bare(at), part)
  const found = bare(at)
  return found instanceof z.ZodObject ? Object.keys(found.shape) : []
}

function below(schema: unknown, part: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[String(part)]
  if (schema instanceof z.ZodRecord) return schema.valueType
  return schema instanceof z.ZodArray ? schema.element : undefined
}

/** Without what says only that it may be left out. */
function bare(schema: unknown): unknown {
  let inner = schema
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault)
    inner = inner.unwrap()
  return inner instanceof z.ZodPipe ? bare(inner.in) : inner
}
