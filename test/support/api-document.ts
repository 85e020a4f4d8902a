// Holds every answer that a test gets to the API's own document, as a client that was made from it would.
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { z } from 'zod'
import { openApiDocument } from '../../gateway/openapi/document.ts'

const Schemas = z.record(z.string(), z.looseObject({ schema: z.looseObject({}) }))
const Answer = z.looseObject({ content: Schemas })
const Operation = z.looseObject({ operationId: z.string(), responses: z.record(z.string(), Answer) })
export const ApiDocument = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), Operation)) })

const source = openApiDocument()
const { paths } = ApiDocument.parse(source)

const ajv = new Ajv2020({ strict: false, allErrors: true })
// A CommonJS module: what it exports is below `default` for Node, and itself for its types.
const addFormats = 'default' in formats && typeof formats.default === 'function' ? formats.default : null
addFormats?.(ajv)
ajv.addSchema({ $id: 'document', ...source })

/** The documented operation that answers this, with the path's own parts first: `/people` before `/{name}`. */
function operationOf(method: string, path: string): { readonly pointer: string; readonly answers: object } | null {
  for (const [template, methods] of Object.entries(paths)) {
    const operation = methods[method.toLowerCase()]
    const form = new RegExp(`^${template.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+')}$`)
    if (operation === undefined || !form.test(path)) continue
    const pointer = ['paths', template, method.toLowerCase(), 'responses'].map(escaped).join('/')
    return { pointer, answers: operation.responses }
  }
  return null
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** What the document does not allow in this answer; empty where it keeps to it, or is no answer for programs. */
export async function notAsDocumented(method: string, path: string, response: Response): Promise<readonly string[]> {
  const operation = operationOf(method, path)
  const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? ''
  if (operation === null || response.status === 303 || type === 'text/html') return []
  const status = String(response.status) in operation.answers ? String(response.status) : 'default'
  if (response.ok && status === 'default') return [`${method} ${path}: no answer ${response.status} is documented`]
  const at = `document#/${operation.pointer}/${status}/content/${escaped(type)}/schema`
  const validate = ajv.getSchema(at)
  if (validate === undefined) return [`${method} ${path}: ${response.status} as ${type} is not documented`]
  const body: unknown = type === 'application/json' ? await response.clone().json() : ''
  if (validate(body)) return []
  return (validate.errors ?? []).map((error) => `${method} ${path}: ${error.instancePath} ${error.message ?? ''}`)
}
