// What stands in the place of a payload that nobody with our key has sealed. No handler takes it.

const mark = 'millwright/forged'

export const forged = { [mark]: true } as const

/** Whether a decoded argument or answer came from somebody without the key. */
export function isForged(value: unknown): boolean {
  return typeof value === 'object' && value !== null && mark in value
}
