// A playbook is parsed to a closed set before it may stand in the catalogue: what is not listed here can't run.
import { z } from 'zod'
import { expressionProblems, templateProblems } from './expression.ts'
import { invalid, parseYaml } from './yaml-file.ts'

const modules = [
  'ansible.builtin.assert',
  'ansible.builtin.command',
  'ansible.builtin.copy',
  'ansible.builtin.fail',
  'ansible.builtin.file',
  'ansible.builtin.find',
  'ansible.builtin.slurp',
  'ansible.builtin.stat',
  'ansible.builtin.systemd_service',
  'ansible.builtin.wait_for',
] as const

/** Programs that would run a text as a program of its own. */
const interpreters =
  /^(|.*\/)(ba|da|z|k|c|tc|fi)?sh$|^(|.*\/)(python|perl|ruby|node|php|lua|tclsh|awk|gawk|mawk|env|xargs|nohup|setsid|sudo|su|ssh|nsenter|chroot|busybox|expect|flock|ionice|nice|parallel|runuser|script|setpriv|stdbuf|systemd-run|taskset|timeout|unshare|watch)[\d.]*$/

/** Programs that only read: a task with one of them may run in check mode, too. */
const readers = /^(\/usr)?\/bin\/(cat|df|du|find|grep|ps|stat|test)$/

/** What every expression may ask beside the playbook's own variables. */
const ownVariables = ['ansible_check_mode']

const name = z.string().min(1, 'expected a name').max(120)
const variable = z.string().regex(/^[a-z][a-z0-9_]{0,40}$/i, 'expected a variable name')
const condition = z.union([z.string(), z.array(z.string()).min(1)], 'expected an expression')
const value: z.ZodType<unknown> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(value), z.record(z.string(), value)]),
)

const Task = z.strictObject({
  name,
  when: condition.optional(),
  register: variable.optional(),
  changed_when: z.union([condition, z.boolean()]).optional(),
  failed_when: condition.optional(),
  until: condition.optional(),
  retries: z.int().min(1).max(60).optional(),
  delay: z.int().min(1).max(30).optional(),
  loop: z.union([z.string(), z.array(value).max(64)]).optional(),
  loop_control: z.strictObject({ label: z.string() }).optional(),
  notify: name.optional(),
  no_log: z.literal(true).optional(),
  check_mode: z.literal(false).optional(),
  ...Object.fromEntries(modules.map((module) => [module, z.record(z.string(), value).optional()])),
})
type Task = z.output<typeof Task>

const Play = z.strictObject({
  name,
  hosts: z.literal('all', 'expected `all`: the inventory holds exactly the approved host'),
  gather_facts: z.literal(false, 'expected false: facts cost a second and are not needed'),
  become: z.literal(true, 'expected true').optional(),
  vars: z.record(variable, value).default({}),
  tasks: z.array(Task).min(1).max(16),
  handlers: z.array(Task).max(4).default([]),
})

const PlayFile = z.array(Play).length(1, 'expected exactly one play')

/** One task's module with its arguments, as the play has them: templates are not filled in. */
export type Call = { readonly task: string; readonly module: (typeof modules)[number]; readonly given: object }

/**
 * What the play calls, in its order. Throws `catalogue.invalid` unless it stays inside the closed set and uses declared
 * variables only.
 */
export function checkPlay(file: string, text: string, params: readonly string[]): readonly Call[] {
  const [play] = parseYaml(file, text, PlayFile)
  if (play === undefined) throw invalid(file, null, 'expected exactly one play')
  const tasks = [...play.tasks, ...play.handlers]
  const declared = [
    ...params,
    ...Object.keys(play.vars),
    ...tasks.flatMap((task) => (task.register === undefined ? [] : [task.register])),
  ]
  const known = new Set([...declared, ...ownVariables])
  const problem = [
    ...Object.keys(play.vars)
      .filter((key) => params.includes(key))
      .map((key) => `vars.${key}: it would replace the parameter ${key}`),
    ...declared
      .filter((key) => key.startsWith('ansible_'))
      .map((key) => `${key}: names of Ansible's own are not allowed`),
    ...textsIn(play.vars).flatMap((one) => templateProblems(one, known)),
    ...tasks.flatMap((task) => taskProblems(task, known).map((says) => `task “${task.name}”: ${says}`)),
  ][0]
  if (problem !== undefined) throw invalid(file, lineContaining(text, problem), problem)
  return tasks.flatMap((task) =>
    modules.flatMap((module): readonly Call[] => {
      const given = moduleArguments(task, module)
      return given === null ? [] : [{ task: task.name, module, given }]
    }),
  )
}

function taskProblems(task: Task, declared: ReadonlySet<string>): readonly string[] {
  const used = modules.filter((module) => moduleArguments(task, module) !== null)
  const [module, ...others] = used
  if (module === undefined || others.length > 0) return [`expected exactly one of ${modules.join(', ')}`]
  const known = task.loop === undefined ? declared : new Set([...declared, 'item'])
  const parts = moduleArguments(task, module) ?? {}
  // An assertion's texts are expressions without braces, like those of a condition.
  const asserted = module === 'ansible.builtin.assert' && 'that' in parts ? textsIn(parts.that) : []
  const conditions = [task.when, task.changed_when, task.failed_when, task.until, asserted].flat()
  const expressions = conditions.filter((one) => typeof one === 'string')
  return [
    ...expressions.flatMap((one) => expressionProblems(one, known)),
    ...expressions
      .filter((one) => /^\s*false\s*$/i.test(one))
      .map(() => 'a condition that is always false hides failures'),
    ...textsIn([task.name, task.loop, task.loop_control, parts]).flatMap((one) => templateProblems(one, known)),
    ...(module === 'ansible.builtin.command' ? commandProblems(parts) : changeProblems(task)),
    ...(task.check_mode === false ? checkProblems(task, module, parts) : []),
    ...(module === 'ansible.builtin.copy' ? copyProblems(parts) : []),
  ]
}

/** A module says itself whether it changes something: its word in check mode is compared with the preview. */
function changeProblems(task: Task): readonly string[] {
  return task.changed_when === undefined ? [] : ['changed_when: only for commands']
}

/** Tests of `find` whose next argument is theirs, whatever it looks like. */
const operands = /^-(i?l?name|i?path|newer)$/

/** Only `find` can, among the programs that read; a value that begins with a dash may be `-delete`. */
function mayDelete(argv: readonly unknown[]): boolean {
  const [program, ...rest] = argv.map(String)
  if (program?.endsWith('/find') !== true) return false
  return rest.some((part, at) => part === '-delete' || (/^-?\{\{/.test(part) && !operands.test(rest[at - 1] ?? '')))
}

/** What runs in check mode runs before anybody knows whether the rest is as it was approved. */
function checkProblems(task: Task, module: string, parts: object): readonly string[] {
  const argv: readonly unknown[] = 'argv' in parts && Array.isArray(parts.argv) ? parts.argv : []
  const [program] = argv
  const reads = module === 'ansible.builtin.command' && readers.test(String(program)) && !mayDelete(argv)
  return reads && task.changed_when === false
    ? []
    : ['check_mode: false is for commands that only read, with changed_when: false']
}

function moduleArguments(task: Task, module: (typeof modules)[number]): object | null {
  const found: unknown = Object.entries(task).find(([key]) => key === module)?.[1]
  return typeof found === 'object' && found !== null ? found : null
}

/** Options of `find` that would run or write something. */
const actions = /^-(exec|ok|fprint|fls)/

function commandProblems(parts: object): readonly string[] {
  const unknown = Object.keys(parts).filter((key) => !['argv', 'creates', 'removes'].includes(key))
  if (unknown.length > 0) return [`command: expected argv only, found ${unknown.join(', ')}`]
  const argv: readonly unknown[] = 'argv' in parts && Array.isArray(parts.argv) ? parts.argv : []
  const [program] = argv
  if (typeof program !== 'string' || !/^\/[a-z0-9/_.-]+$/.test(program)) {
    return ['command: expected argv with the program’s absolute path first']
  }
  if (interpreters.test(program)) return [`command: ${program} runs other programs and is not allowed`]
  const texts = argv.filter((one) => typeof one === 'string')
  return texts.filter((one) => actions.test(one)).map((one) => `command: ${one} is not allowed`)
}

const copyArguments = new Set(['content', 'src', 'remote_src', 'dest', 'owner', 'group', 'mode', 'force'])
const ownFile = /^(files\/)?[A-Za-z0-9_][A-Za-z0-9._-]*$/

/** What is copied lies in the playbook's folder or on the host: on the controller there are keys. */
function copyProblems(parts: object): readonly string[] {
  const unknown = Object.keys(parts).filter((key) => !copyArguments.has(key))
  if (unknown.length > 0) return [`copy: ${unknown.join(', ')} is not allowed`]
  const onHost = 'remote_src' in parts && parts.remote_src === true
  const own = !('src' in parts) || (typeof parts.src === 'string' && ownFile.test(parts.src))
  return onHost || own ? [] : ['copy: expected `src` to name a file of this playbook, or `remote_src: true`']
}

function textsIn(one: unknown): readonly string[] {
  if (typeof one === 'string') return [one]
  if (Array.isArray(one)) return one.flatMap(textsIn)
  if (typeof one === 'object' && one !== null)
    return Object.entries(one).flatMap(([key, item]) => [key, ...textsIn(item)])
  return []
}

/** The line of the task that a problem names, when it names one. */
function lineContaining(text: string, problem: string): number | null {
  const task = /^task “(.*?)”/.exec(problem)?.[1]
  if (task === undefined) return null
  const at = text.split('\n').findIndex((line) => line.includes(`name: ${task}`))
  return at < 0 ? null : at + 1
}
