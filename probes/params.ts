// Parameters that name something of the host's own declaration. The host refuses whatever its declaration does not
// hold.
import { z } from 'zod'
import type { DeclaredKind } from '../domain/inventory.ts'

/** Longest name that travels to a host, characters. */
const maximumName = 256

function declared(kind: DeclaredKind) {
  return z.string().min(1).max(maximumName).meta({ declared: kind })
}

/** A declared unit by systemd's name, with its suffix. */
export const unit = declared('unit')
/** A declared mount by its id. */
export const mount = declared('mount')
/** A declared endpoint by its id. */
export const endpoint = declared('endpoint')

/** Longest list that a fact may be. */
export const maximumItems = 100

/** A list of short texts, such as file names. */
export const texts = z.array(z.string().max(4_096)).max(maximumItems)
/**
 * A list of words that another program keeps, such as systemd's states: a manifest may compare with no other one, and
 * an answer with a newer one is still an answer. Each list is one text, with spaces.
 * Where our own reader chooses the words, `z.enum` is right.
 */
export const words = (...lists: readonly string[]) =>
  z.string().meta({ words: lists.flatMap((list) => list.split(' ')) })
/** A count or a number of bytes. */
export const count = z.int().min(0)
/** Seconds since 1970, the host's clock. */
export const epoch = z.int().min(0)
/** Share of a whole, 0 to 100. */
export const percent = z.number().min(0).max(100)
