/** A step of the set-up that cannot go on: said in one sentence with what, why, and what to type. */
export class SetupError extends Error {
  /** @param {{ what: string, why: string, fix: string }} parts */
  constructor({ what, why, fix }) {
    super(`${what}, because ${why}; ${fix}.`)
    this.name = 'SetupError'
    this.fix = fix
  }
}

/** A command that ended badly, with the last lines that it said. */
export class CommandFailed extends Error {
  /** @param {{ command: string, how: string, tail: readonly string[] }} parts */
  constructor({ command, how, tail }) {
    super(`\`${command}\` ${how}`)
    this.name = 'CommandFailed'
    this.tail = tail
  }
}

/**
 * Why something failed, as half a sentence.
 * @param {unknown} error
 * @returns {string}
 */
export function reasonOf(error) {
  if (!(error instanceof CommandFailed)) return error instanceof Error ? error.message : String(error)
  const last = error.tail.findLast((line) =>
    /^millwright: |error|fail|unable|cannot|denied|refused|no space/i.test(line),
  )
  return last === undefined ? error.message : `${error.message} (${last.trim().slice(0, 200)})`
}
