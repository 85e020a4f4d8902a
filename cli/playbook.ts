import { join } from 'node:path'
import type { Command } from 'commander'
import { execa } from 'execa'
import { z } from 'zod'
import { Failure, failureCode } from '../domain/failure.ts'
import type { PlaybookView } from '../domain/telling/fleet-view.ts'
import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { type ClientOptions, columns, type Format, print, withClientOptions, withOutput } from './print.ts'

/** The catalogue's own program, which checks every playbook and pins what it found. */
const lockProgram = join(import.meta.dirname, '..', 'catalogue', 'lock-command.ts')
const lockSeconds = 120

const Refused = z.looseObject({ code: z.string(), message: z.string(), hint: z.string().nullable() })

export default {
  summary: 'list and show playbooks, check them, and pin them after a review',
  build: (command) => {
    verb(command, 'list', 'every playbook, its mode in each environment, and how it did').action(list)
    verb(command, 'show', 'one playbook: when, what, how it is checked').argument('<playbook>').action(show)
    withOutput(command.command('lock'))
      .description('check every playbook and pin its digest in playbooks/catalogue.lock.json')
      .action(lock)
    withOutput(command.command('lint'))
      .description('check every playbook as `lock` does, and write nothing')
      .action(lint)
  },
} satisfies CliCommand

function verb(command: Command, name: string, summary: string): Command {
  return withClientOptions(command.command(name).summary(summary).description(summary))
}

async function list({ data, output }: ClientOptions): Promise<void> {
  const playbooks = await connect(data).get<readonly PlaybookView[]>('/playbooks')
  print(output, playbooks, () => {
    if (playbooks.length === 0) return 'No playbook is pinned.'
    const table = columns(['playbook', 'version', 'tier', 'modes', 'verified', 'wrong', 'title'], playbooks.map(cells))
    return playbooks.some(isAboveDraft) ? table : `${table}\n\n${allDraft}`
  })
}

const allDraft =
  'All are draft, so none is carried out. The config raises one: `playbooks: { NAME: { ENVIRONMENT: suggest } }`.'

function isAboveDraft({ modes }: PlaybookView): boolean {
  return modes.some(({ mode }) => mode !== 'draft')
}

function cells({ id, version, tier, modes, record, title }: PlaybookView): readonly string[] {
  const mode = modes.map((one) => (one.environment === '*' ? one.mode : `${one.environment}: ${one.mode}`)).join(', ')
  return [id, version, String(tier), mode, `${record.verified} of ${record.runs}`, String(record.wrong), title]
}

async function show(id: string, { data, output }: ClientOptions): Promise<void> {
  const playbooks = await connect(data).get<readonly PlaybookView[]>('/playbooks')
  const found = playbooks.find((one) => one.id === id)
  if (found === undefined) {
    const hint = `There is: ${playbooks.map((one) => one.id).join(', ') || 'none'}.`
    throw new Failure({ code: 'input.not-found', message: `There is no playbook ${id}.`, hint })
  }
  print(output, found, () => described(found))
}

function described(playbook: PlaybookView): string {
  const { id, version, title, tier, owner, whenToUse, whenNotToUse, signatures, effects, verify, undo, limits } =
    playbook
  return [
    `${id} ${version}: ${title} (tier ${tier}, owner ${owner})`,
    `use      ${whenToUse}`,
    `not when ${whenNotToUse}`,
    ...signatures.flatMap((one) => [
      `knows    ${one.id}: ${one.says}`,
      ...one.conditions.map((text) => `           ${text}`),
    ]),
    ...effects.map((one) => `does     ${one.says}${one.reversible ? '' : ' (cannot be undone)'}`),
    ...verify.map((text) => `checks   ${text}`),
    `undo     ${undo}`,
    `limits   ${limits.perHostHour} per host and hour, ${limits.cooldownSeconds} s apart`,
    `digest   ${playbook.digest}`,
  ].join('\n')
}

const Pinned = z.looseObject({ pinned: z.array(z.string()), unpinned: z.array(z.string()) })
const Linted = z.strictObject({ playbooks: z.array(z.string()), unpinned: z.array(z.string()) })

async function lock({ output }: { readonly output: Format }): Promise<void> {
  const answer = Pinned.parse(await checkAll())
  print(output, answer, () => {
    if (answer.pinned.length + answer.unpinned.length === 0) return 'Nothing has changed: all are pinned as before.'
    const lines = [`Pinned: ${answer.pinned.join(', ') || 'nothing new'}.`]
    if (answer.unpinned.length > 0) lines.push(`No longer pinned: ${answer.unpinned.join(', ')}.`)
    return [...lines, 'Commit playbooks/catalogue.lock.json with the playbooks.'].join('\n')
  })
}

async function lint({ output }: { readonly output: Format }): Promise<void> {
  const answer = Linted.parse(await checkAll('--check'))
  print(output, answer, () => {
    const { playbooks, unpinned } = answer
    const next = `Not pinned as they are: ${unpinned.join(', ')}. Review them, then \`npx millwright playbook lock\`.`
    return [
      `Nothing is wrong with ${playbooks.join(', ') || 'no playbook'}.`,
      ...(unpinned.length > 0 ? [next] : []),
    ].join('\n')
  })
}

async function checkAll(...args: readonly string[]): Promise<unknown> {
  const { stdout, exitCode } = await execa(process.execPath, [lockProgram, ...args], {
    stderr: 'inherit',
    reject: false,
    timeout: lockSeconds * 1_000,
  })
  const answer: unknown = JSON.parse(stdout)
  if (exitCode === 0) return answer
  const { message, hint, ...rest } = Refused.parse(answer)
  throw new Failure({ code: failureCode(rest), message, ...(hint === null ? {} : { hint }) })
}
