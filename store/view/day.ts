// "Today" is a day of some time zone, not of the machine.

/** The moment at which the day of `now` began in an IANA time zone. */
export function startOfDay(now: Date, zone: string): Date {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(now)
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0)
  const passed = ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1000 + (now.getTime() % 1000)
  return new Date(now.getTime() - passed)
}
