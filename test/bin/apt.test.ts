import { expect, test } from 'vitest'
import { planLines } from '../../bin/apt.mjs'

test('a simulated installation is told as what is new and what is replaced', () => {
  const text = `NOTE: This is only a simulation!
Inst systemd [252.38-1~deb12u1] (252.39-1~deb12u2 Debian:12.15/oldstable [amd64]) []
Inst libnftnl11 (1.2.4-2 Debian:12.15/oldstable [amd64])
Inst nftables (1.0.6-2+deb12u2 Debian:12.15/oldstable [amd64])
Conf nftables (1.0.6-2+deb12u2 Debian:12.15/oldstable [amd64])`
  expect(planLines(text)).toEqual([
    'install with apt-get: libnftnl11 1.2.4-2, nftables 1.0.6-2+deb12u2',
    'replace with apt-get, as these go together: systemd 252.38-1~deb12u1 by 252.39-1~deb12u2',
  ])
})

test('a simulation that changes nothing has nothing to tell', () => {
  expect(planLines('0 upgraded, 0 newly installed\n')).toEqual([])
})
