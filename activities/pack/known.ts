// What is known before anybody thinks: playbooks that could apply, known faults that it is not, and incidents like this
// one.
import { modeIn, type Param, type Playbook } from '../../domain/playbook.ts'
import { candidates } from '../../domain/signature.ts'
import type { NotThis } from '../../domain/timeline.ts'
import type { Similar } from '../../store/similar.ts'
import type { Looked } from '../baseline.ts'

const maximumValues = 8
const maximumWords = 300

/** Playbooks that are in use here and have something to act on. */
export function applicable(playbooks: readonly Playbook[], looked: Looked): readonly Playbook[] {
  return playbooks.filter(
    (playbook) =>
      ['suggest', 'auto'].includes(modeIn(playbook, looked.host.environment)) &&
      candidates(playbook.params, looked).length > 0,
  )
}

export function playbookLine(playbook: Playbook, looked: Looked): string {
  const when = `Use when: ${playbook.whenToUse} Not when: ${playbook.whenNotToUse}`
  return [wanted(playbook), when, ...offered(playbook, looked)].join(' ')
}

/** Enough to propose it. */
export function playbookShort(playbook: Playbook, looked: Looked): string {
  return [wanted(playbook), ...offered(playbook, looked)].join(' ')
}

function wanted({ id, tier, wants }: Playbook): string {
  return `- ${id} (tier ${tier}): ${wants}.`
}

/** What code measures itself is nobody's to choose. */
function offered(playbook: Playbook, looked: Looked): readonly string[] {
  const chosen = playbook.params.filter(({ provenance }) => provenance !== 'computed')
  const params = chosen.map((param) => `${param.name} = ${valuesOf(playbook, param, looked)}`)
  return params.length === 0 ? [] : [`Params: ${params.join('; ')}`]
}

function valuesOf(playbook: Playbook, param: Param, looked: Looked): string {
  switch (param.provenance) {
    case 'inventory': {
      const values = new Set(candidates(playbook.params, looked).map((params) => String(params[param.name])))
      return [...values].slice(0, maximumValues).join(' | ')
    }
    case 'enum':
      return `${param.value} (fixed)`
    case 'bounded-int':
      return `${param.value} (fixed)`
    case 'computed':
      return 'measured by code'
  }
}

/** Known faults, with the first check that speaks against each. */
export function notLines(not: readonly NotThis[]): readonly string[] {
  return not.map(({ playbook, signature, because }) => {
    const [first] = because
    const why = first === undefined ? 'not compared' : `${first.answer}: ${first.says} (saw: ${first.observed})`
    return `- ${signature} (${playbook}): ${why}`
  })
}

/** With number, date and who said it. */
export function similarLines(similar: readonly Similar[]): readonly string[] {
  return similar.map(({ number, title, host, closedAt, closed, verified, people }) => {
    const helped =
      verified === null ? `no verified repair (${closed})` : `verified: ${verified.playbook}, ${verified.wants}`
    const said = people.map(({ person, on, says }) => ` ${person}, ${on}: "${says.slice(0, maximumWords)}"`)
    return `- INC-${number}, closed ${closedAt.slice(0, 10)}, ${title}${host === '' ? '' : `, ${host}`}: ${helped}.${said.join('')}`
  })
}
