// `millwright completion bash|zsh|fish` prints the script of a shell; the script asks the hidden `complete` for words.
import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'
import type { HostView, PlaybookView, SourceView } from '../domain/telling/fleet-view.ts'
import type { IncidentList } from '../domain/telling/view.ts'
import { type Client, connect } from './client.ts'

export const completionCommands: readonly string[] = ['completion', 'complete']

const scripts: Readonly<Record<string, string>> = {
  bash: String.raw`_millwright() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] || COMPREPLY+=("${'$'}{line%%$'\t'*}")
  done < <(millwright complete -- "${'$'}{COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _millwright millwright
`,
  zsh: String.raw`#compdef millwright
_millwright() {
  local line; local -a found
  while IFS= read -r line; do
    [[ $line == :* ]] || found+=("${'$'}{${'$'}{line%%$'\t'*}//:/\:}:${'$'}{line#*$'\t'}")
  done < <(millwright complete -- "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null)
  _describe millwright found
}
compdef _millwright millwright
`,
  fish: String.raw`function __millwright
  millwright complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null | string match -v ':*'
end
complete -c millwright -f -a '(__millwright)'
`,
}

type Word = { readonly word: string; readonly says: string }

/** By the name of an argument: what a running Millwright knows of it. */
const known: Readonly<Record<string, (client: Client) => Promise<readonly Word[]>>> = {
  incident: async (client) => {
    const { needsYou, inProgress, closed } = await client.get<IncidentList>('/incidents')
    return [...needsYou, ...inProgress, ...closed].map(({ number, title }) => ({ word: `INC-${number}`, says: title }))
  },
  playbook: async (client) =>
    (await client.get<readonly PlaybookView[]>('/playbooks')).map(({ id, title }) => ({ word: id, says: title })),
  host: async (client) =>
    (await client.get<readonly HostView[]>('/hosts')).map(({ name, role }) => ({ word: name, says: role })),
  source: async (client) =>
    (await client.get<readonly SourceView[]>('/sources')).map(({ name, use }) => ({ word: name, says: use })),
}

/** Adds both commands to a program that has all others. `args`: the whole command line. */
export async function addCompletion(program: Command, args: readonly string[]): Promise<void> {
  const root = tab(program, { completionCommandName: 'completion' })
  const printing = program.commands.find((command) => command.name() === 'completion')
  printing?.description('print the script that completes these commands in a shell')
  printing?.registeredArguments[0]?.choices(Object.keys(scripts))
  // The library's own scripts evaluate what stands on the line, at each press of the key; these never do.
  printing?.action((shell: string) => void process.stdout.write(scripts[shell] ?? ''))
  if (args[0] !== 'complete') return
  const typed = args.slice(args.indexOf('--') + 1)
  const data = typed.indexOf('--data')
  const client = connectOrNull(data === -1 ? undefined : typed[data + 1])
  if (client === null) return
  for (const [path, command] of root.commands) {
    if (path === '' || !path.split(' ').every((word, at) => typed[at] === word)) continue
    for (const [name, argument] of command.arguments) {
      const words = await (known[name]?.(client) ?? Promise.resolve([])).catch(() => [])
      if (words.length > 0)
        argument.handler = (complete) => words.forEach(({ word, says }) => complete(word, oneLine(says)))
    }
  }
}

/** Where nothing runs, the words that need no answer are completed all the same. */
function connectOrNull(data: string | undefined): Client | null {
  try {
    return connect(data)
  } catch {
    return null
  }
}

/** Alerts wrote some of it, and a shell reads it line by line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, 80)
}
