// Who wants to read everything in which words of strangers stand.
import type { Called, Heard } from './heard.ts'
import { lookAt, looks, toldText } from './reading.ts'

/** What answers in words that strangers can choose; those of a unit are asked for every unit. */
const telling = ['config-test', 'recent-changes', 'recent-logs', 'top-processes'] as const
const tellingOfUnits = 'journal'
const mostUnits = 6

/** The calls that ask for it; empty where there is nothing of the kind to look at. */
export function textCalls(heard: Heard): readonly Called[] {
  const units = new Set(toldText(heard).match(/\b[a-z][\w@-]*\.service\b/g))
  return looks(heard).flatMap((tool) => {
    // Named queries stand in the tool's description.
    const query = /Names: ([\w-]+)/.exec(tool.description)?.[1]
    if (query !== undefined) return [lookAt(tool, heard, { query })]
    if (telling.some((name) => name === tool.name)) return [lookAt(tool, heard)]
    if (tool.name !== tellingOfUnits) return []
    return [...units].slice(0, mostUnits).map((unit) => lookAt(tool, heard, { unit }))
  })
}
