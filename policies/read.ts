// Reads the rules of a folder: files in the order of their names, rules in the order in which they stand.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { policySetTextToParts, policyToJson, validate } from '@cedar-policy/cedar-wasm/nodejs'
import { Failure } from '../domain/failure.ts'
import type { Digest } from '../domain/ids.ts'
import { digestOf } from '../runtime/digest.ts'

/** A rule: its `@id`, its `@says` for people, and its text. */
export type Rule = { readonly id: string; readonly says: string; readonly text: string }

export type PolicyText = { readonly digest: Digest; readonly schema: string; readonly rules: readonly Rule[] }

/** The rules that come with Millwright. */
export const shippedPolicies: string = fileURLToPath(new URL('.', import.meta.url))

const schemaFile = join(shippedPolicies, 'schema.cedarschema')

/** Reads a folder's `*.cedar`. The schema is always ours. Throws `config.invalid`. */
export function readPolicies(folder: string): PolicyText {
  const schema = readFileSync(schemaFile, 'utf8')
  const files = cedarFiles(folder)
  const rules = files.flatMap((file) => rulesOf(file, readFileSync(join(folder, file), 'utf8')))
  const repeated = rules.find((rule, at) => rules.findIndex((other) => other.id === rule.id) !== at)
  if (repeated !== undefined) throw invalid(folder, `two rules are named ${repeated.id}`)
  const answer = validate({ schema, policies: { staticPolicies: textsById(rules) } })
  if (answer.type === 'failure') throw invalid(folder, answer.errors.map((error) => error.message).join('; '))
  const [first] = answer.validationErrors
  if (first !== undefined) throw invalid(folder, `rule ${first.policyId}: ${first.error.message}`)
  return { digest: digestOf({ schema, rules: rules.map((rule) => rule.text) }), schema, rules }
}

function cedarFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.cedar'))
      .toSorted()
  } catch (cause) {
    throw new Failure({
      code: 'config.invalid',
      message: `The policies' folder ${folder} can't be read.`,
      hint: 'Correct "policies" in the config, or leave it out to use the shipped rules.',
      cause,
    })
  }
}

function rulesOf(file: string, text: string): readonly Rule[] {
  const parts = policySetTextToParts(text)
  if (parts.type === 'failure') throw invalid(file, parts.errors.map((error) => error.message).join('; '))
  // Cedar gives the parts back sorted by its own numbering ("policy10" before "policy2"): their place in the file
  // counts.
  const ordered = parts.policies.toSorted((a, b) => text.indexOf(a) - text.indexOf(b))
  return ordered.map((policy) => ruleOf(file, policy))
}

function ruleOf(file: string, text: string): Rule {
  const parsed = policyToJson(text)
  if (parsed.type === 'failure') throw invalid(file, parsed.errors.map((error) => error.message).join('; '))
  const { id, says } = parsed.json.annotations ?? {}
  if (id === undefined || says === undefined) throw invalid(file, 'each rule needs @id("…") and @says("…")')
  return { id, says, text }
}

function textsById(rules: readonly Rule[]): Record<string, string> {
  return Object.fromEntries(rules.map((rule) => [rule.id, rule.text]))
}

function invalid(where: string, detail: string): Failure {
  return new Failure({
    code: 'config.invalid',
    message: `Policies in ${where}: ${detail}`,
    hint: 'Correct the rule that is named; the shipped ones in policies/ show the form.',
  })
}
