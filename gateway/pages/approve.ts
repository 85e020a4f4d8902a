// The approval screen: nine lines on one phone screen, buttons in the thumb's reach. GET never changes anything.
import { html } from 'hono/html'
import type { PendingApproval, Viewer } from '../../domain/view.ts'
import { count, duration, listed } from '../../domain/words.ts'
import { decisionForm } from './forms.ts'
import type { Page } from './layout.ts'
import { ago, badge, clock, type Html, icon, type Look, until } from './parts.ts'
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
    <h1 data-says>${incident.reported}</h1>
    <p class="muted">${duration(incident.lasted)} · ${broke.join(' · ')}</p>
    <dl class="nine">
      ${line('Likely cause', cause(asked))}${line('Wants to', wants(asked))}${line('Touches', touches(asked))}${line(
        html`Preview, computed ${ago(asked.plan.createdAt, look)}`,
        preview(asked),
      )}${line('If you do nothing', html`Nothing runs. At ${clock(expiresAt, look)} it is handed over to a person.`)}
    </dl>
    <p class="muted">
      ${approvals(asked)}<a href="/incidents/${incident.number}">INC-${incident.number}</a> · asked by rule
      “${asked.plan.policy?.says ?? 'unknown'}”
    </p>
    ${bar(asked, viewer, mayNot)}`
}

function line(name: Html | string, value: Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`
}

function cause({ plan, checks, sure, incident }: Pending): Html {
  const words = { decisive: 'Decisive', likely: 'Likely', unsure: 'Unsure' } as const
  const agree = checks.of === 0 ? 'no known fault fully fits' : `${checks.hold} of ${count(checks.of, 'check')} agree`
  return html`<b>${plan.because}</b
    ><small>${words[sure]}: ${agree} · <a href="/incidents/${incident.number}">evidence</a></small>`
}

function wants({ plan, record }: Pending): Html {
  const figures =
    record.runs === 0 ? 'no run in 90 days' : `${record.verified} of ${count(record.runs, 'run')} verified, 90 days`
  return html`<b>${plan.wants}</b
    ><small><code title="plan ${plan.digest}">${plan.playbook}@${plan.version}</code> · pinned · ${figures}</small>`
}

function touches({ plan, hosts, onThisHost }: Pending): Html {
  const forGood = plan.preview.some((change) => !change.reversible)
  const undo = forGood
    ? html`<span class="need-text">cannot be undone</span>`
    : plan.undo === 'play'
      ? html`can be undone`
      : html`nothing to undo`
  const before = onThisHost === 0 ? 'first time here' : `${onThisHost} times here before`
  return html`1 host of ${hosts}: ${plan.host} · ${undo}<small>Tier ${plan.tier} · ${before}</small>`
}

function preview({ plan }: Pending): Html {
  const items = plan.preview.reduce((sum, change) => sum + change.items.length, 0)
  const forGood = plan.preview.filter((change) => !change.reversible).length
  const says = `${count(plan.preview.length, 'change')}${forGood === 0 ? '' : `, ${forGood} cannot be undone`}`
  if (plan.preview.length === 0) return html`No change could be previewed`
  return html`<details data-key="preview">
    <summary><span>${says}</span>${items === 0 ? '' : ` · ${count(items, 'item')}`}</summary>
    ${changeList(plan.preview)}
  </details>`
}

function approvals({ approvals: needed, approvedBy }: Pending): Html | string {
  if (needed === 1) return ''
  const who = approvedBy.length === 0 ? 'nobody yet' : listed(approvedBy)
  return html`Two people must approve; so far ${who}. · `
}

function bar({ plan, quarantined }: Pending, viewer: Viewer | null, forbidden: string | null): Html {
  const mayNot = quarantined === null ? forbidden : `the host is in quarantine. ${quarantined.because}`
  if (viewer === null || viewer.role === 'viewer') {
    return html`<div class="bar"><p>You may look at this but not decide. Ask somebody with the role approver.</p></div>`
  }
  return decisionForm(plan.digest, 'Approve once', mayNot)
}

/** What became of the question; a second click ends here. */
function answered(approval: Exclude<PendingApproval, Pending>, look: Look): Html {
  const { incident } = approval
  const links = html`<div class="buttons">
    <a class="button" href="/incidents/${incident.number}">INC-${incident.number}: what happened</a
    ><a class="button" href="/">All incidents</a>
  </div>`
  return html`<p>${badge(incident.badge)}</p>
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
    case 'none':
      return html`${approval.says}`
  }
}
