// The approval screen: nine lines on one phone screen, buttons in the thumb's reach. GET decides nothing.
import { html } from 'hono/html'
import type { Looker, PendingApproval, Viewer } from '../../domain/telling/view.ts'
import { count, duration, listed } from '../../domain/text.ts'
import { decisionForm } from './forms.ts'
import type { Page } from './layout.ts'
import { ago, badge, clock, type Html, icon, type Look, until } from './parts.ts'
import { brief } from './shortened.ts'
import { changeList } from './story.ts'

type Pending = Extract<PendingApproval, { kind: 'pending' }>

type Options = {
  readonly look: Look
  readonly viewer: Viewer | null
  /** Why this person's approval would be refused, in the rule's own words. */
  readonly mayNot: string | null
}

export function approvePage(approval: PendingApproval, { look, viewer, mayNot }: Options): Page {
  const { incident } = approval
  const body = approval.kind === 'pending' ? question(approval, { look, viewer, mayNot }) : answered(approval, look)
  return {
    title: approval.kind === 'pending' ? `Approve? ${incident.reported}` : incident.title,
    here: null,
    body,
    kind: 'ask',
    events: `/api/v1/events?incident=${incident.number}`,
  }
}

/** Characters of a model's supposition above the fold of a phone. */
const longestHypothesis = 120

function question(asked: Pending, { look, viewer, mayNot }: Options): Html {
  const { incident, attempt, expiresAt } = asked
  const broke = [
    asked.sourceStatus === 'firing' ? 'still firing' : 'the source says resolved',
    incident.severity,
    `on ${incident.host ?? 'unknown'}, ${incident.environment}`,
  ].filter((part) => part !== null)
  return html`<header>
      <span class="badge need"
        >${icon('clock')}<span>Expires ${clock(expiresAt, look)}, in ${until(expiresAt, look)}</span></span
      ><span>Attempt ${attempt.number} of ${attempt.of}</span>
    </header>
    <h1 data-says>${brief(incident.reported)}</h1>
    <p class="muted">for ${duration(incident.lasted)} · ${broke.join(' · ')}</p>
    <dl class="nine">
      ${line('Likely cause', cause(asked))}${line('Wants to', wants(asked))}${line('Touches', touches(asked))}${line(
        html`Preview, computed ${ago(asked.plan.createdAt, look)}`,
        preview(asked, look),
      )}${line('If you do nothing', html`Nothing runs. At ${clock(expiresAt, look)} a person gets it.`)}
    </dl>
    <p class="muted">
      ${alsoLooking(asked.looking, viewer, look)} ${approvals(asked)}<a href="/incidents/${incident.number}"
        >INC-${incident.number}</a
      >
      · ${askedBecause(asked)}
    </p>
    ${bar(asked, viewer, mayNot)}`
}

function askedBecause({ plan, wantedBy }: Pending): string {
  return wantedBy === null
    ? `asked by rule “${plan.policy?.says ?? 'unknown'}”`
    : `asked because ${wantedBy} wanted more`
}

function line(name: Html | string, value: Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`
}

function cause(asked: Pending): Html {
  const { plan, checks, sure, incident } = asked
  const all = html`<a href="/incidents/${incident.number}">evidence</a>`
  if (plan.kind === 'undo') return html`<b>${brief(plan.because)}</b><small>${all}</small>`
  if (plan.signature === null) return unknownCause(asked, all)
  const words = { decisive: 'Decisive', likely: 'Likely', unsure: 'Unsure' } as const
  const agree = checks.of === 0 ? 'no known fault fully fits' : `${checks.hold} of ${count(checks.of, 'check')} agree`
  return html`<b>${brief(plan.because)}</b><small>${words[sure]}: ${agree} · ${all}</small>`
}

/** A guess never looks like a known fault: who supposes it, and what that rests on, stands beside it. */
function unknownCause({ supposed, incident: { number } }: Pending, all: Html): Html {
  if (supposed === null) return html`<b>No known pattern</b><small>${all}</small>`
  const { model, confidence, hypothesis, for: pro, against } = supposed
  const cited = [...pro.map((one) => ['For', one] as const), ...against.map((one) => ['Against', one] as const)]
  return html`<b>No known pattern.</b> ${model} takes for ${confidence}: ${brief(hypothesis, longestHypothesis)}
    <details data-key="supposed">
      <summary><span>${pro.length} for, ${against.length} against</span></summary>
      <ul class="list">
        ${hypothesis.length > longestHypothesis ? html`<li><span>${hypothesis}</span></li>` : ''}${cited.map(
          ([word, { label, evidence, quote }]) =>
            html`<li>
              <span
                >${word}
                <a href="/incidents/${number}/evidence/${evidence}">${label}</a
                >${quote === null ? '' : `: “${quote}”`}</span
              >
            </li>`,
        )}
      </ul>
      <small>${all}</small>
    </details>`
}

function wants({ plan, record }: Pending): Html {
  const figures =
    record.runs === 0 ? 'no run in 90 days' : `${record.verified} of ${count(record.runs, 'run')} verified, 90 days`
  return html`<b>${brief(plan.wants)}</b
    ><small><code title="plan ${plan.digest}">${plan.playbook}@${plan.version}</code> · pinned · ${figures}</small>`
}

function touches({ plan, hosts, onThisHost }: Pending): Html {
  const forGood = plan.preview.some((change) => !change.reversible)
  const undo = forGood
    ? html`<span class="need-text">${icon('cross')} cannot be undone</span>`
    : plan.undo === 'play'
      ? html`${icon('check')} can be undone`
      : html`${icon('check')} nothing to undo`
  const before = onThisHost === 0 ? 'first time here' : `${onThisHost} times here before`
  return html`1 host of ${hosts}: ${plan.host} · ${undo}<small>Tier ${plan.tier} · ${before}</small>`
}

/** What was computed longer ago than this may not be so any more, milliseconds. */
const freshFor = 5 * 60_000

function preview({ plan }: Pending, { now }: Look): Html {
  const items = plan.preview.reduce((sum, change) => sum + change.items.length, 0)
  const forGood = plan.preview.filter((change) => !change.reversible).length
  const says = `${count(plan.preview.length, 'change')}${forGood === 0 ? '' : `, ${forGood} cannot be undone`}`
  const old = now.getTime() - Date.parse(plan.createdAt) > freshFor
  const stale = old
    ? html`<small class="need-text">${icon('clock')} Not fresh: ask for more to see it anew.</small>`
    : ''
  if (plan.preview.length === 0) {
    return html`<span class="need-text">No change can be previewed</span
      ><small>The playbook declares none.</small>${stale}`
  }
  return html`<details data-key="preview">
      <summary><span>${says}</span>${items === 0 ? '' : ` · ${count(items, 'item')}`}</summary>
      ${changeList(plan.preview)}
    </details>
    ${stale}`
}

/** Two people on call must not both work on it. */
export function alsoLooking(looking: readonly Looker[], viewer: Viewer | null, look: Look): Html | string {
  const others = looking.filter(({ person }) => person !== viewer?.name)
  const [last] = others
  if (last === undefined) return ''
  const who = listed(others.map(({ person }) => person))
  return html`<span class="need-text">${icon('eye')} ${who} looked, ${ago(last.at, look)}.</span>`
}

function approvals({ approvals: needed, approvedBy }: Pending): Html | string {
  if (needed === 1) return ''
  const who = approvedBy.length === 0 ? 'nobody yet' : listed(approvedBy)
  return html`Two people must approve; so far ${who}. · `
}

function bar({ incident, plan, quarantined }: Pending, viewer: Viewer | null, forbidden: string | null): Html {
  const mayNot = quarantined === null ? forbidden : `the host is in quarantine. ${quarantined.because}`
  if (viewer === null || viewer.role === 'viewer') {
    return html`<div class="bar"><p>You may look at this but not decide. Ask somebody with the role approver.</p></div>`
  }
  return decisionForm({ number: incident.number, digest: plan.digest, mayNot, undo: plan.kind === 'undo' })
}

/** What became of the question; a second click ends here. */
function answered(approval: Exclude<PendingApproval, Pending>, look: Look): Html {
  const { incident } = approval
  const links = html`<div class="buttons">
    <a class="button" href="/incidents/${incident.number}">INC-${incident.number}: what happened</a
    ><a class="button" href="/">All incidents</a>
  </div>`
  const expired = { word: 'Expired', tone: 'need', shape: 'clock' } as const
  return html`<p>${badge(approval.kind === 'expired' ? expired : incident.badge)}</p>
    <h1 data-says>${incident.title}</h1>
    <p>${became(approval, look)}</p>
    ${links}`
}

function became(approval: Exclude<PendingApproval, Pending>, look: Look): Html {
  switch (approval.kind) {
    case 'decided': {
      const words = { approve: 'Approved', reject: 'Rejected', 'take-over': 'Taken over' } as const
      const { verdict, person, at, reason } = approval.decision
      return html`<b>${words[verdict]} by ${person}</b> at ${clock(at, look)}${reason === '' ? '' : html`: ${reason}`}`
    }
    case 'expired':
      return html`<b>Expired at ${clock(approval.at, look)}.</b> Nobody decided in time, and nothing ran.`
    case 'looking-anew':
      return html`<b>${approval.person} asked for more</b> at ${clock(approval.at, look)}. The host is looked at anew;
        what is planned then asks anew. Nothing runs without a decision about it.`
    case 'none':
      return html`${approval.says}`
  }
}
