// Judges recorded answers of models again, offline, with the gate as it is now: where it differs from what was made of
// them then is what a change of the gate changes.
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { asksSay, judge } from '../../activities/investigation/judge.ts'
import { loadCatalogue } from '../../catalogue/load.ts'
import { exitCode } from '../../cli/command.ts'
import { reportError } from '../../cli/report-error.ts'
import { canonicalJson } from '../../domain/canonical-json.ts'
import { Failure } from '../../domain/failure.ts'
import { loadProbes, type Probes } from '../../probes/load.ts'
import { type Judgement, readTranscript, type Transcript } from './transcript.ts'

const playbooksDir = join(import.meta.dirname, '..', '..', 'playbooks')
const mostFiles = 5_000

type Difference = {
  readonly turn: number
  readonly what: keyof Judgement
  readonly before: unknown
  readonly now: unknown
}

export type Replayed = { readonly turns: number; readonly differences: readonly Difference[] }

/** What today's gate makes of each answer of it, where that is something else. Nobody is asked anything. */
export async function replay(transcript: Transcript, probes: Probes): Promise<Replayed> {
  const modes = transcript.playbooks
  const { playbooks } = await loadCatalogue({ dir: playbooksDir, modes, probes: probes.byName })
  const [host, ...others] = transcript.hosts
  if (host === undefined) throw new Failure({ code: 'bug', message: 'A transcript without a host was read.' })
  const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { says: '', query: '' }]))
  const profile = { metrics: named(transcript.queries.metrics), logs: named(transcript.queries.logs) }
  const differences = transcript.turns.flatMap(({ turn, answer, left, evidence, tried, judgement }) => {
    const recorded = new Map(transcript.evidence.slice(0, evidence).map(({ label, ...one }) => [label, one]))
    const scope = { host, subjects: transcript.subjects, playbooks, tried }
    const readable = { probes, profile, hosts: [host, ...others] }
    const { judged, dropped, diagnosis, asks } = judge(answer, { readable, scope, recorded, left })
    const now = { judged, dropped, diagnosis, asks: asksSay(asks) }
    const parts = ['judged', 'dropped', 'diagnosis', 'asks'] as const
    return parts.flatMap((what) =>
      canonicalJson(judgement[what]) === canonicalJson(now[what])
        ? []
        : [{ turn, what, before: judgement[what], now: now[what] }],
    )
  })
  return { turns: transcript.turns.length, differences }
}

async function replayAll(folder: string): Promise<readonly (Replayed & { readonly file: string })[]> {
  const found = await readdir(folder).catch((): string[] => [])
  const files = found.filter((name) => name.endsWith('.json')).toSorted()
  if (files.length === 0 || files.length > mostFiles) {
    const message = `${folder} holds ${files.length === 0 ? 'no transcript' : `more than ${mostFiles} files`}.`
    throw new Failure({ code: 'input.not-found', message, hint: 'Record some: npx millwright eval run --record DIR' })
  }
  const probes = await loadProbes()
  const replayed: (Replayed & { readonly file: string })[] = []
  for (const file of files) {
    replayed.push({ file: basename(file), ...(await replay(await readTranscript(join(folder, file)), probes)) })
  }
  return replayed
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { output: { type: 'string', short: 'o', default: 'text' } },
  })
  const json = values.output === 'json'
  try {
    const all = await replayAll(positionals[0] ?? '.')
    process.stdout.write(json ? `${JSON.stringify({ replayed: all })}\n` : `${all.map(told).join('\n')}\n`)
    const differs = all.some(({ differences }) => differences.length > 0)
    process.exitCode = differs ? exitCode.verificationFailed : exitCode.ok
  } catch (error) {
    process.exitCode = reportError(error, json)
  }
}

function told({ file, turns, differences }: Replayed & { readonly file: string }): string {
  if (differences.length === 0) return `${file}: ${turns} answers, judged as they were`
  const lines = differences.map(
    ({ turn, what, before, now }) =>
      `  turn ${turn}, ${what}\n    then ${JSON.stringify(before)}\n    now  ${JSON.stringify(now)}`,
  )
  return `${file}: ${turns} answers, ${differences.length} judged otherwise\n${lines.join('\n')}`
}

if (import.meta.main) await main()
