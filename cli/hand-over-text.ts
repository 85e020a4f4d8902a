// The hand-over pack for a terminal: the same contents as its page, in the same order.
import { quarantineSays } from '../domain/telling/hand-over.ts'
import type { HandOver } from '../domain/telling/view.ts'
import { leftSays } from '../domain/telling/words.ts'

export function handOverText(pack: HandOver): string {
  const { commands, known, tried, ruledOut, notSeen, looking, quarantined } = pack
  const left = leftSays(pack.left)
  const parts = [
    pack.why,
    ...(quarantined === null ? [] : [quarantineSays(quarantined)]),
    ...(looking.length === 0 ? [] : [`Looked at lately by ${looking.map(({ person }) => person).join(', ')}.`]),
    section(
      'Type next',
      commands.map((one) => `${one.says}:\n      ${one.command}`),
    ),
    section(
      'Known',
      known.map(({ says }) => says),
      'Nothing was seen.',
    ),
    section(
      'Tried',
      tried.map(({ says, at }) => `${says}${at === '' ? '' : `, ${at.slice(0, 16).replace('T', ' ')} UTC`}`),
      'Nothing was changed on any host.',
    ),
    section(
      'Ruled out',
      ruledOut.map(({ playbook, signature, because }) => `${playbook} ${signature}: ${because}`),
      'No known fault was compared.',
    ),
    section(
      'Not seen, and why',
      notSeen.map(({ what, why }) => `${what}: ${why}`),
      'Nothing that was asked for is missing.',
    ),
    ...(left === '' ? [] : [left]),
  ]
  return parts.join('\n\n')
}

function section(title: string, lines: readonly string[], nothing = 'Nothing.'): string {
  const shown = lines.length === 0 ? [nothing] : lines.map((line) => `- ${line}`)
  return [title, ...shown.map((line) => `  ${line}`)].join('\n')
}
