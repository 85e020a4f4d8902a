import { InvalidArgumentError } from 'commander'

/** `INC-142`, `inc-142` or `142`. */
export function incidentNumber(text: string): string {
  const number = /^(?:INC-)?(\d{1,12})$/i.exec(text)?.[1]
  if (number === undefined) throw new InvalidArgumentError('Give an incident as INC-142 or 142.')
  return number
}
