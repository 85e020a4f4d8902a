// What is said to a model and what it answers, whoever provides it. Nothing of an answer is believed: code judges it.
import type { Json } from './canonical-json.ts'

/** `planner`: sees facts, asks for more, proposes. `reader`: turns raw text into facts and has no tools. */
export type Tier = 'planner' | 'reader'

/** What it may call. The input is a JSON schema, closed; the order of tools is part of what is cached. */
export type Tool = { readonly name: string; readonly description: string; readonly input: Json }

/** `input` is whatever it wrote: JSON, or the text itself where that was none. */
export type ToolCall = { readonly id: string; readonly name: string; readonly input: Json }

export type Message =
  | { readonly role: 'user'; readonly text: string }
  | {
      readonly role: 'assistant'
      readonly text: string
      readonly calls: readonly ToolCall[]
      /** What its provider wants back as it was, such as blocks of thinking; null: nothing. */
      readonly own: Json
    }
  /** One for each call of the message before, in its order. */
  | { readonly role: 'results'; readonly results: readonly { readonly call: string; readonly text: string }[] }

/** One request, whole. System, tools and all messages but the last are, byte for byte, those of the turn before. */
export type Question = {
  readonly system: string
  readonly tools: readonly Tool[]
  readonly messages: readonly Message[]
  /** Tokens. */
  readonly maximumOutput: number
}

/** Tokens; `input` is what was neither read from nor written to a cache. */
export type Usage = {
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
  /** Nobody counted: it is made from the length of what was sent and heard. */
  readonly estimated?: true
}

/** `cut-off`: the answer reached its maximum; `refused`: it will not answer this. Both are answers. */
export type Stop = 'done' | 'tools' | 'cut-off' | 'refused'

export type Reply = {
  readonly text: string
  readonly calls: readonly ToolCall[]
  readonly own: Json
  readonly stop: Stop
  readonly usage: Usage
}

/** Dollars for a million tokens. */
export type Price = {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  /** Where it is from: the ISO 8601 date of a provider's list, or `config`. */
  readonly listed: string
  /** What counts instead where a request has more tokens in than this. */
  readonly above?: { readonly tokens: number; readonly price: Omit<Price, 'listed' | 'above'> }
}

/** What an investigation works with, from its beginning to its end. */
export type Harness = {
  /** Digests. */
  readonly prompt: string
  readonly tools: string
  readonly probes: string
  readonly catalogue: string
  readonly policies: string
  /** The planner's name, and how hard it is told to think. */
  readonly model: string
  readonly effort: string | null
  /** Who reads raw text; null: nobody, and the planner is shown lines. */
  readonly reader: string | null
  /** Exchanges at most. */
  readonly turns: number
}
