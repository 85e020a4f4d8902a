// What the schemas of the API's document share, and how the compiler holds them to the types that are sent.
import { z } from 'zod'

type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T

/** Whether exactly what the schema describes is what is sent. */
export type Agrees<Schema extends z.ZodType<View>, View> = [View] extends [Frozen<z.output<Schema>>] ? true : false
/** Stands for nothing at run time: it does not compile when a schema and its type differ. */
export type All<Agreements extends readonly true[]> = Agreements

/** A moment in UTC. */
export const Moment = z.string().meta({ format: 'date-time' })
/** Lower-case hex SHA-256. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
export const Count = z.int().min(0)
export const Scalar = z.union([z.string(), z.number(), z.boolean()])

/** The names of a table that has all of a union's members. */
export function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  // `Object.keys` forgets what the table's type says of its keys.
  return Object.keys(table) as Key[]
}
