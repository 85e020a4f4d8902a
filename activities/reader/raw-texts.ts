// Raw text in a message, on its way to the reader: a block `⟦unread …⟧` in the text of a user's message or of one
// result, put there with `forModel` and its `unread`. No planner is ever sent such a block.
import { type Fenced, holdsUnread, replaceUnread, unreadBlocks } from '../../domain/fence.ts'
import type { Message } from '../../domain/model.ts'

/** The blocks that wait in a message, in the order of its texts. */
export function rawTexts(message: Message): readonly Fenced[] {
  return textsOf(message).flatMap(unreadBlocks)
}

/** Whether raw text stands in it, in a block that waits or in one that was broken. */
export function holdsRaw(message: Message): boolean {
  return textsOf(message).some(holdsUnread)
}

/** The message with another block in the place of each that waits; `at` counts through the whole message. */
export function replaceRawTexts(message: Message, other: (block: Fenced, at: number) => Fenced): Message {
  let at = 0
  const replaced = (text: string): string =>
    replaceUnread(text, (block) => {
      at += 1
      return other(block, at - 1)
    })
  switch (message.role) {
    case 'user':
      return { ...message, text: replaced(message.text) }
    case 'results':
      return { ...message, results: message.results.map((result) => ({ ...result, text: replaced(result.text) })) }
    case 'assistant':
      return message
  }
}

function textsOf(message: Message): readonly string[] {
  switch (message.role) {
    case 'user':
      return [message.text]
    case 'results':
      return message.results.map(({ text }) => text)
    case 'assistant':
      return []
  }
}
