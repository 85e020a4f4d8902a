// What people send: JSON from commands, forms from pages; the same closed fields from both.
import type { Context } from 'hono'
import type { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import { sameSecret } from '../runtime/same-secret.ts'
import { formNonce, type GatewayEnv, lookAgain } from './auth.ts'
import { readBody } from './body.ts'

const form = 'application/x-www-form-urlencoded'

export type Input<Value> = { readonly value: Value; readonly isForm: boolean }

/**
 * Reads and checks the body. Throws `input.invalid-payload` naming the field, `auth.bad-origin` for a form without its
 * nonce, `auth.missing` where the login ended before all of it had come.
 */
export async function readInput<Value>(c: Context<GatewayEnv>, schema: z.ZodType<Value>): Promise<Input<Value>> {
  const bytes = await readBody(c.req.raw, ['application/json', form])
  await lookAgain(c)
  const isForm = (c.req.header('content-type') ?? '').toLowerCase().startsWith(form)
  const text = new TextDecoder().decode(bytes)
  const parsed = schema.safeParse(isForm ? formFields(c, text) : jsonOf(text))
  if (parsed.success) return { value: parsed.data, isForm }
  const [issue] = parsed.error.issues
  const field = issue?.path.map(String).join('.') || 'the body'
  throw new Failure({ code: 'input.invalid-payload', message: `${field}: ${issue?.message ?? 'not understood'}` })
}

function formFields(c: Context<GatewayEnv>, text: string): Readonly<Record<string, string>> {
  const { nonce, ...fields } = Object.fromEntries(new URLSearchParams(text))
  const session = c.get('session')
  // Without a session there is nothing that a foreign form could use; its Origin is checked all the same.
  if (session === null || sameSecret(nonce ?? '', formNonce(session))) return fields
  throw new Failure({
    code: 'auth.bad-origin',
    message: 'This form is not one of this login.',
    hint: 'Load the page again.',
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
