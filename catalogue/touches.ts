// What effects say that they touch, against what the play's modules change. Commands are not looked into: what they do
// is what the review of a playbook says.
import { posix } from 'node:path'
import { z } from 'zod'
import { allows, type Touch, type TouchKind, touchKinds, touchProblem } from '../domain/touch.ts'
import type { Effect } from '../domain/playbook.ts'
import type { Call } from './play.ts'
import type { Manifest } from './manifest.ts'

const name = z.string('expected a name').min(1, 'expected a name').max(256)

/** At most one of each kind: a second file is a second effect, with a sentence of its own. */
export const TouchesText = z
  .strictObject({
    file: name.optional(),
    folder: name.optional(),
    unit: name.optional(),
    listed: z.enum(touchKinds, `expected what the list holds: ${touchKinds.join(', ')}`).optional(),
  })
  .default({})

/** Whoever approves reads the sentence, so it names what the data allow. */
export function touchProblems({ effects, params }: Pick<Manifest, 'effects' | 'params'>): readonly string[] {
  const computed = params.flatMap((param) => (param.provenance === 'computed' ? [`$${param.name}`] : []))
  return effects.flatMap(({ says, touches, listed, list }, at) => [
    ...touches.flatMap((touch) => {
      const path = `effects.${at}.touches.${touch.kind}`
      if (!says.includes(touch.name))
        return [`${path}: expected the sentence “${says}” to name ${touch.name}, for it is what people approve`]
      const problem = isWholly(touch.name) ? inventoryPath(touch, computed) : touchProblem(withoutNames(touch))
      return problem === null ? [] : [`${path}: ${problem}`]
    }),
    ...(listed !== null && list === null ? [`effects.${at}.touches.listed: expected a \`list\` beside it`] : []),
  ])
}

const isWholly = (text: string): boolean => /^\$[a-zA-Z]+$/.test(text)
/** Values are not known yet: what they may hold is looked at with each plan. */
const withoutNames = ({ kind, name: text }: Touch): Touch => ({ kind, name: text.replaceAll(/\$[a-zA-Z]+/g, 'value') })

/** Of an inventory's values and words of a list none is a path. */
function inventoryPath({ kind, name: text }: Touch, computed: readonly string[]): string | null {
  return kind === 'unit' || computed.includes(text) ? null : `expected a path; ${text} is none, for it is not computed`
}

/** The first module call whose change no effect says; null when all do. */
export function unsaid(effects: readonly Effect[], params: Manifest['params'], calls: readonly Call[]): string | null {
  const touches = effects.flatMap((effect) => effect.touches)
  const listed = effects.flatMap((effect) => effect.listed ?? [])
  for (const { task, kind, given } of calls.flatMap(changeOf)) {
    const isPath = kind !== 'unit'
    const sameKind = (other: TouchKind) => (other === 'unit') !== isPath
    const text = inOurWords(given, params)
    const isSaid =
      listed.some(sameKind) ||
      (text === null ? touches.some((touch) => sameKind(touch.kind)) : touches.some((touch) => says(touch, kind, text)))
    if (!isSaid) return `the task “${task}” changes the ${kind} ${given}, and no effect says so: ${next(kind, text)}`
  }
  return null
}

function next(kind: TouchKind, text: string | null): string {
  if (text !== null) return `add an effect with \`touches: { ${kind}: ${text} }\` whose sentence names ${text}`
  const kinds = kind === 'unit' ? ['unit'] : ['file', 'folder']
  return `add an effect with \`touches\` and one of ${[...kinds, 'listed'].join(', ')}, whose sentence names it`
}

function says(touch: Touch, kind: TouchKind, text: string): boolean {
  return allows({ kind: touch.kind, name: asValue(touch.kind, touch.name) }, { kind, name: asValue(kind, text) })
}

/** A parameter stands for itself: as a path for a whole one, else for a part of a name. */
function asValue(kind: TouchKind, text: string): string {
  const value = text.replaceAll('$', '@')
  return kind !== 'unit' && text.startsWith('$') ? `/${value}` : value
}

type Changed = { readonly task: string; readonly kind: TouchKind; readonly given: string }

/** By the arguments with which the modules name what they change; the run's own events name it in the same way. */
function changeOf({ task, module, given }: Call): readonly Changed[] {
  const of = new Map(Object.entries(given))
  const changed = (kind: TouchKind, ...names: readonly string[]): readonly Changed[] =>
    names.flatMap((one) => (of.has(one) ? [{ task, kind, given: String(of.get(one)) }] : []))
  switch (module) {
    case 'ansible.builtin.file':
      return changed((of.get('recurse') ?? false) === false ? 'file' : 'folder', 'path', 'dest', 'name')
    case 'ansible.builtin.copy':
      return of.has('dest')
        ? [{ task, kind: of.get('remote_src') === true ? 'folder' : 'file', given: copied(of) }]
        : []
    case 'ansible.builtin.systemd_service':
      return changed('unit', 'name', 'unit', 'service')
    default:
      return []
  }
}

/** A copy into a folder is the file in it. */
function copied(of: ReadonlyMap<string, unknown>): string {
  const dest = String(of.get('dest'))
  return dest.endsWith('/') && of.has('src') ? `${dest}${posix.basename(String(of.get('src')))}` : dest
}

/** `{{ unit }}` of a play is `$unit` of a manifest; null where a template holds more than a name. */
function inOurWords(given: string, params: Manifest['params']): string | null {
  const text = params.reduce(
    (left, { name: one }) => left.replaceAll(new RegExp(`\\{\\{\\s*${one}\\s*\\}\\}`, 'g'), () => `$${one}`),
    given,
  )
  return text.includes('{{') ? null : text
}
