// A share of tries with how far it can be trusted.

/** Of a normal distribution, for 95 %. */
const deviations = 1.96

/** "31 of 34 (91 %, 95 % interval 77 to 97 %)", the interval as Wilson computes it. */
export function shareText(held: number, of: number): string {
  if (of === 0) return 'none asked'
  const share = held / of
  const squared = deviations ** 2
  const middle = (share + squared / (2 * of)) / (1 + squared / of)
  const half = (deviations / (1 + squared / of)) * Math.sqrt((share * (1 - share)) / of + squared / (4 * of ** 2))
  const [low, high] = [Math.max(0, middle - half), Math.min(1, middle + half)]
  const percent = (one: number): string => (100 * one).toFixed(0)
  return `${held} of ${of} (${percent(share)} %, 95 % interval ${percent(low)} to ${percent(high)} %)`
}
