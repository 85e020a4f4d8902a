// What an effect touches, as data: what a run may change is compared with this and never with a sentence.

export const touchKinds = ['file', 'folder', 'unit'] as const
export type TouchKind = (typeof touchKinds)[number]

/** A file, a folder with everything below it, or a systemd unit; `name` is an absolute path or the unit's name. */
export type Touch = { readonly kind: TouchKind; readonly name: string }

/**
 * Whether who may change `allowed` may change `asked`: the same file, the same unit, or what lies in the folder. Paths
 * are compared as they are written, segment by segment; links are not followed.
 */
export function allows(allowed: Touch, asked: Touch): boolean {
  if (allowed.kind === 'unit' || asked.kind === 'unit')
    return allowed.kind === asked.kind && isUnitName(asked.name) && whole(allowed.name) === whole(asked.name)
  const place = segments(allowed.name)
  const path = segments(asked.name)
  if (place === null || path === null || !place.every((segment, at) => path[at] === segment)) return false
  return allowed.kind === 'folder' || (asked.kind === 'file' && path.length === place.length)
}

/** What is wrong with the name; null when it is one that can be allowed. */
export function touchProblem({ kind, name }: Touch): string | null {
  if (kind === 'unit') return isUnitName(name) ? null : 'expected the name of a unit'
  return segments(name) === null ? 'expected an absolute path without `..`, and not the root' : null
}

function isUnitName(name: string): boolean {
  return /^[A-Za-z0-9:_.@\\-]{1,255}$/.test(name)
}

/** systemd takes a name without a kind for a service. */
function whole(unit: string): string {
  return unit.includes('.') ? unit : `${unit}.service`
}

/** Null: not absolute, the root itself, or with `..`, which means something else behind a link. */
function segments(path: string): readonly string[] | null {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return path.startsWith('/') && parts.length > 0 && !parts.includes('..') ? parts : null
}
