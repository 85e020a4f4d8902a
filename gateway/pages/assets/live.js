// Live updates and relative times. Every page works without it.
'use strict'

const minute = 60,
  hour = 3600,
  day = 86400

// The same words as the server's: 61 ms, 7.4 s, 48 s, 6 min, 2 h 5 min, 3 d.
function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < minute) return `${Math.floor(seconds)} s`
  if (seconds < hour) return `${Math.floor(seconds / minute)} min`
  if (seconds < day) return joined(seconds, [hour, 'h'], [minute, 'min'])
  return joined(seconds, [day, 'd'], [hour, 'h'])
}

function joined(seconds, [big, unit], [small, smaller]) {
  const rest = Math.floor((seconds % big) / small)
  return `${Math.floor(seconds / big)} ${unit}${rest === 0 ? '' : ` ${rest} ${smaller}`}`
}

// The server's clock counts: a phone's may be wrong.
const skew = Date.parse(document.documentElement.dataset.now) - Date.now()

function tick() {
  const now = Date.now() + skew
  for (const time of document.querySelectorAll('time[data-live]')) {
    const kind = time.dataset.live
    const past = (now - Date.parse(time.dateTime)) / 1000
    const text = duration(Math.abs(past))
    const says = {
      until: past < 0 ? text : 'no time left',
      soak: past < 0 ? `${text} to go` : 'last check now',
      ago: `${text} ago`,
      since: text,
    }[kind]
    if (time.textContent !== says) time.textContent = says
  }
}

// What a person has opened or typed stays as it is when the page's content is replaced.
function key(element) {
  return element.id || element.dataset.key || element.querySelector('summary')?.textContent
}

function fields(page) {
  const all = [...page.querySelectorAll('main :is(input, textarea):not([type=hidden])')]
  return all.map((one) => [key(one.closest('details') ?? one) + one.name, one])
}

function keepTyped(next) {
  const typed = new Map(fields(document))
  for (const [name, one] of fields(next)) one.value = typed.get(name)?.value || one.value
}

// The plan that its reader knows: no button for another one comes under the thumb without an act of theirs.
let plan

function keepPlan(next) {
  const bar = next.querySelector('main [data-plan]')
  if (!bar || bar.dataset.plan === plan) return
  const notice = document.createElement('p')
  const button = document.createElement('button')
  notice.className = 'notice bad'
  notice.textContent = 'The plan changed: read it anew. '
  button.textContent = 'I have read it'
  button.onclick = () => {
    plan = bar.dataset.plan
    bar.classList.remove('anew')
    notice.remove()
  }
  bar.classList.add('anew')
  notice.append(button)
  bar.closest('main').prepend(notice)
}

async function refresh() {
  const main = document.querySelector('main')
  const typed = document.activeElement?.matches('main input, main textarea, main select')
  if (typed || document.querySelector('details.stop[open]')) return
  const answer = await fetch(location.href, { headers: { accept: 'text/html' }, credentials: 'same-origin' })
  if (answer.redirected) return location.reload()
  if (!answer.ok) return
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const before = new Map([...document.querySelectorAll('main details')].map((one) => [key(one), one.open]))
  const focused = document.activeElement?.getAttribute('href')
  for (const one of next.querySelectorAll('main details')) if (before.has(key(one))) one.open = before.get(key(one))
  keepTyped(next)
  const said = document.querySelector('#live')
  keepPlan(next)
  const headline = next.querySelector('main [data-says]')?.textContent.trim().replace(/\s+/g, ' ')
  for (const part of ['main', 'header.top .state']) {
    const [old, fresh] = [document.querySelector(part), next.querySelector(part)]
    if (old && fresh && old.innerHTML !== fresh.innerHTML) old.replaceWith(fresh)
  }
  document.title = next.title
  if (headline && headline !== said.textContent) said.textContent = headline
  if (focused) document.querySelector(`main a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true })
  if (main) tick()
}

let waiting = null
let again = false

// Many changes in a moment are one refresh; a change during a refresh makes one more.
function changed() {
  again = true
  waiting ??= setTimeout(async () => {
    again = false
    await refresh().catch(() => undefined)
    waiting = null
    if (again) changed()
  }, 150)
}

function listen() {
  const address = document.querySelector('main')?.dataset.events
  if (!address) return
  const events = new EventSource(address)
  events.addEventListener('open', () => document.body.classList.add('live'))
  events.addEventListener('error', () => document.body.classList.remove('live'))
  for (const kind of ['changed', 'reset']) events.addEventListener(kind, changed)
}

// The stored choice was set before the first paint; the button goes round: as the device, light, dark.
const root = document.documentElement
const themes = ['', 'light', 'dark']
const names = { '': 'as the device', light: 'light', dark: 'dark' }

function theme(choice) {
  if (choice) root.dataset.theme = choice
  else delete root.dataset.theme
  const button = document.querySelector('#theme')
  if (button) button.textContent = `Colours: ${names[choice]}`
}

function stored() {
  try {
    return localStorage.getItem('theme') ?? ''
  } catch {
    return ''
  }
}

theme(stored())
document.addEventListener('DOMContentLoaded', () => {
  const button = document.querySelector('#theme')
  if (button) button.hidden = false
  theme(stored())
  button?.addEventListener('click', () => {
    const next = themes[(themes.indexOf(stored()) + 1) % themes.length]
    localStorage.setItem('theme', next)
    theme(next)
  })
  // What a form said is true now, not whenever the page is loaded again.
  if (location.search.startsWith('?said=')) history.replaceState(null, '', location.pathname)
  plan = document.querySelector('main [data-plan]')?.dataset.plan
  tick()
  setInterval(tick, 1000)
  listen()
})
