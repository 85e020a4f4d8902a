// The part of Jinja that a playbook may use: declared variables, their attributes, listed filters and tests. No calls,
// no statements.

const filters = new Set([
  'b64decode',
  'from_json',
  'list',
  'rejectattr',
  'selectattr',
  'bool',
  'default',
  'dirname',
  'first',
  'int',
  'join',
  'last',
  'length',
  'lower',
  'map',
  'min',
  'max',
  'select',
  'sort',
  'split',
  'string',
  'sum',
  'trim',
  'unique',
])
const tests = new Set([
  'defined',
  'undefined',
  'none',
  'number',
  'string',
  'changed',
  'failed',
  'succeeded',
  'skipped',
  'sameas',
  'eq',
  'ne',
  'gt',
  'ge',
  'lt',
  'le',
])
const keywords = new Set([
  'and',
  'or',
  'not',
  'in',
  'is',
  'if',
  'else',
  'true',
  'false',
  'none',
  'True',
  'False',
  'None',
])
const tokenPattern =
  /\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\d+(?:\.\d+)?|[A-Za-z_]\w*|[-+*/%~()[\]{}.,:|]|[=!<>]=?)/gy

/** What is wrong with the expressions inside a text (`{{ … }}`); empty when nothing is. */
export function templateProblems(text: string, declared: ReadonlySet<string>): readonly string[] {
  if (text.includes('{%') || text.includes('{#')) return ['statements and comments of Jinja are not allowed']
  const parts = text.split('{{')
  const inner = parts.slice(1).map((part) => part.split('}}'))
  if (inner.some((part) => part.length !== 2) || parts[0]?.includes('}}') === true) return ['braces do not match']
  return inner.flatMap(([expression = '']) => expressionProblems(expression, declared))
}

/** What is wrong with one bare expression, such as a `when:`; empty when nothing is. */
export function expressionProblems(expression: string, declared: ReadonlySet<string>): readonly string[] {
  const tokens = tokensOf(expression)
  if (tokens === null) return [`“${expression.trim()}” holds characters that are not allowed`]
  return tokens.flatMap((token, at) =>
    problemOf(token, tokens.slice(Math.max(0, at - 2), at), tokens[at + 1], declared),
  )
}

function tokensOf(expression: string): readonly string[] | null {
  const text = expression.trimEnd()
  const pattern = new RegExp(tokenPattern)
  const tokens: string[] = []
  while (pattern.lastIndex < text.length) {
    const token = pattern.exec(text)?.[1]
    if (token === undefined) return null
    tokens.push(token)
  }
  return tokens
}

function problemOf(
  token: string,
  before: readonly string[],
  next: string | undefined,
  declared: ReadonlySet<string>,
): readonly string[] {
  // What brackets or another expression give is called so.
  if (token === '(' && /^[\])]/.test(before.at(-1) ?? '')) return ['…(…): calls are not allowed']
  if (!/^[A-Za-z_]/.test(token)) return []
  if (token.startsWith('__')) return [`${token}: names that begin with two underscores are not allowed`]
  const last = before.at(-1)
  if (last === '.') return next === '(' ? [`.${token}(…): calls are not allowed`] : []
  if (last === '|') return filters.has(token) ? [] : [`the filter ${token} is not allowed`]
  if (last === 'is' || (last === 'not' && before.at(-2) === 'is')) {
    return token === 'not' || tests.has(token) ? [] : [`the test ${token} is not allowed`]
  }
  if (next === '(') return keywords.has(token) ? [] : [`${token}(…): calls are not allowed`]
  // The one argument by name that the listed filters need.
  if (token === 'attribute' && next === '=') return []
  if (keywords.has(token) || declared.has(token)) return []
  return [`the variable ${token} is not declared`]
}
