import { v7 } from 'uuid'

/** A new sortable id: `inc_0198…`. */
export function newId<Prefix extends 'inc' | 'plan' | 'run' | 'del' | 'dec' | 'alr' | 'lift' | 'grp'>(
  prefix: Prefix,
): string {
  return `${prefix}_${v7()}`
}
