// Text from outside may hold characters that nobody sees: they turn words around, hide some, or make two names look
// alike.

/** Control, format, line and paragraph separators, private use, and letters and marks that are drawn as nothing. */
const hidden = /\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Co}|\p{Default_Ignorable_Code_Point}/gu
const allowed = new Set(['\n', '\t', '\ufe0f'])

/** Writes each character of a finished page that has no shape as its code point; our own pages hold none. */
export function reveal(page: string): string {
  return page.replaceAll(hidden, (character) =>
    allowed.has(character)
      ? character
      : `⟦U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟧`,
  )
}
