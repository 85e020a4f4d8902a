// Where somebody wanted to go before they had to log in. Only a page of our own: an address that leads elsewhere is
// the oldest trick there is.

const longest = 500
const anywhere = 'http://own.invalid'

/** The path with its query, as a browser would read it; `/` for anything that is not one of our pages. */
export function ownPath(wanted: string | null | undefined): string {
  if (wanted === null || wanted === undefined || wanted.length > longest || !/^\/(?![/\\])/.test(wanted)) return '/'
  const url = URL.parse(wanted, anywhere)
  if (url === null || url.origin !== anywhere) return '/'
  // `/.//elsewhere` is read as `//elsewhere`, which a browser takes for a host.
  if (url.pathname.startsWith('//') || /^\/(login|api|hooks|assets)(\/|$)/.test(url.pathname)) return '/'
  return `${url.pathname}${url.search}`
}

/** The login, which leads there afterwards. */
export function loginAddress(wanted: string | null | undefined): string {
  const path = ownPath(wanted)
  return path === '/' ? '/login' : `/login?to=${encodeURIComponent(path)}`
}
