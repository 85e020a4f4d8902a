// Step 8, where a model is asked: it looks and concludes, turn by turn. Code judges each answer before it counts.
import type { Begun, Exchanged } from '../../activities/types.ts'
import { control, handsIn, mind } from '../activities.ts'
import { handOver, type HandedOver } from '../ending.ts'
import { orBecause } from '../failed.ts'
import type { Investigation } from '../messages.ts'
import { nextRound, nowWaiting, record, type Story } from '../story.ts'
import type { NovelFault } from './recognise.ts'
import type { Target } from './scope.ts'

type NoModel = Extract<Begun, { kind: 'no-model' }>

function notAsked(said: string | null): Exchanged {
  return { kind: 'failed', says: said ?? 'No worker that asks models answered.' }
}

/** `round`: of all probes, which the first message tells of. One that was paused goes on where it stood. */
export async function investigate(
  story: Story,
  target: Target,
  round: number,
): Promise<NovelFault | HandedOver | NoModel> {
  const begun = story.investigation ?? (await begin(story, round))
  if ('kind' in begun) return begun
  story.investigation = begun
  while (begun.turn <= begun.turns) {
    const concluded = await exchange(story, target, begun)
    if (concluded !== null) return concluded
    begun.turn += 1
  }
  return handOver('novel', 'No known fault fits, and the investigation came to no conclusion.')
}

async function begin(story: Story, round: number): Promise<Investigation | NoModel> {
  const { incident } = story
  const begun = await control.beginInvestigation({ incident, round, sequence: story.sequence + 1 })
  if (begun.kind === 'no-model') return begun
  const { investigation, model, harness, bytes, turns, unread } = begun
  await record(story, 'investigating', { kind: 'investigation-began', investigation, model, harness, bytes, turns })
  return { number: investigation, turns, turn: 1, unread }
}

/** One call of the model, what code makes of its answer, and what it asked to see. Null: it goes on. */
async function exchange(story: Story, target: Target, open: Investigation): Promise<NovelFault | HandedOver | null> {
  const { incident, round } = story
  const turn = { incident, investigation: open.number, turn: open.turn }
  const left = open.turns - open.turn
  story.waiting = nowWaiting('a model')
  const asked = await ask(open, turn)
  switch (asked.kind) {
    case 'over-budget':
      return handOver('over-budget', asked.says)
    case 'failed':
      return handOver('novel', `No known fault fits, and the model could not be asked: ${asked.says}`)
    case 'answered':
      break
  }
  story.sequence += 1
  const judged = await control.judgeTurn({ ...turn, round, sequence: story.sequence, left })
  switch (judged.kind) {
    case 'look':
      return lookFurther(story, target, open, { ...turn, left })
    case 'again':
      return null
    case 'remediate': {
      const { playbook, params, says } = judged
      return { kind: 'novel', signature: null, round, playbook, params, says }
    }
    case 'code-fix':
      return handOver('code-fix', judged.says)
    case 'person':
      return handOver('novel', judged.says)
  }
}

type Turn = { readonly incident: string; readonly investigation: number; readonly turn: number }

/** The reader first, where raw text waits. It may fail: then that text is left out, and said to be. */
async function ask(open: Investigation, turn: Turn): Promise<Exchanged> {
  if (open.unread) {
    const read = await orBecause(mind.readText(turn), notAsked)
    if (read.kind === 'over-budget') return read
    open.unread = false
  }
  return orBecause(mind.askModel(turn), notAsked)
}

async function lookFurther(
  story: Story,
  { host, hostName, zone }: Target,
  open: Investigation,
  asked: Turn & { readonly left: number },
): Promise<HandedOver | null> {
  story.waiting = nowWaiting(`probes on ${hostName}`)
  const round = nextRound(story)
  const sequence = story.sequence + 1
  const looked = await orBecause(handsIn(zone).lookFurther({ ...asked, host, round, sequence }), (said): HandedOver => {
    const why =
      said === null ? `no worker of zone ${zone} could look further.` : `it could not be looked further: ${said}`
    return handOver('novel', `No known fault fits, and ${why}`)
  })
  if ('kind' in looked) return looked
  story.sequence = sequence
  open.unread = looked.unread
  return null
}
