// The API as an OpenAPI document, made from the schemas that requests are checked with and answers are typed by.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import * as fleet from './fleet-schemas.ts'
import * as incident from './incident-schemas.ts'
import { type Operation, operations, pathParts } from './operations.ts'
import * as people from './people-schemas.ts'

const named = z.registry<{ id: string }>()
for (const [id, schema] of Object.entries({ ...fleet, ...incident, ...people })) named.add(schema, { id })

const component = (id: string): string => `#/components/schemas/${id}`

/** Served at `/api/v1/openapi.json`; the same for everybody. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = described(operation)
  const { schemas } = z.toJSONSchema(named, { uri: component })
  return {
    openapi: '3.1.1',
    info: {
      title: 'Millwright',
      version: versionOfPackage(),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)])),
      securitySchemes,
    },
  }
}

const securitySchemes = {
  token: { type: 'http', scheme: 'bearer', description: 'From POST /api/v1/login with kind `cli`.' },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'millwright',
    description: 'Of a page’s login; a POST needs our Origin.',
  },
  source: { type: 'http', scheme: 'bearer', description: 'Or basic, or a signature: what the source’s config says.' },
  scrape: { type: 'http', scheme: 'bearer', description: '`telemetry.scrape` of the config.' },
}

function described({ path, id, says, access, query = {}, body, status = 200, content }: Operation): object {
  const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...pathParts[name],
  }))
  const wishes = Object.entries(query).map(([name, wish]) => ({ name, in: 'query', required: false, ...wish }))
  const parameters = [...parts, ...wishes].map(({ says: description, schema = z.string(), ...rest }) => {
    return { ...rest, description, schema: jsonSchema(schema, 'input') }
  })
  const answer = Object.entries(content).map(([type, schema]) => [
    type,
    { schema: schema === null ? { type: 'string' } : jsonSchema(schema, 'output') },
  ])
  return {
    operationId: id,
    summary: says,
    ...(access === undefined ? {} : { security: access === 'anybody' ? [] : [{ [access]: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } } }),
    responses: {
      [status]: { description: 'Done.', content: Object.fromEntries(answer) },
      default: {
        description: 'It was refused or failed; nothing was done unless the message says so.',
        content: { 'application/json': { schema: { $ref: component('Problem') } } },
      },
    },
  }
}

/** A schema with what has a name left to `components`. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const id = named.get(schema)?.id
  if (id !== undefined) return { $ref: component(id) }
  const { $defs: _named, ...own } = z.toJSONSchema(schema, { metadata: named, io })
  return JSON.parse(JSON.stringify(bare(own)).replaceAll('"#/$defs/', `"${component('')}`))
}

/** Without what stands in the document once, or says nothing there. */
function bare({ $schema: _dialect, $id: _address, ...schema }: Readonly<Record<string, unknown>>): object {
  return schema
}

function versionOfPackage(): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')
  return z.looseObject({ version: z.string() }).parse(JSON.parse(text)).version
}
